-- How returns are measured: these variables do not reach Python by themselves.
{%- set study = var('study') %}

select
    cast('{{ study["horizons"] | join(",") }}' as string) as horizons,
    cast({{ study['wait_sessions'] }} as integer) as wait_sessions,
    cast({{ study['estimation_first'] }} as integer) as estimation_first,
    cast({{ study['estimation_last'] }} as integer) as estimation_last,
    cast({{ study['estimation_minimum'] }} as integer) as estimation_minimum,
    cast({{ study['suspect_jump'] }} as double) as suspect_jump,
    cast({{ var('cost_bps') }} as double) as cost_bps

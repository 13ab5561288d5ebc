-- Filing versions of the sources whose amendments restate lines and name no filing, with what links them.
with forms as (

    {% for source_name in var('scoped_amendment_sources') -%}
    select
        source,
        record_id,
        version_number,
        form_type,
        schema_version,
        form_family,
        is_amendment,
        original_date,
        carries_signal
    from {{ ref('stg_' ~ source_name ~ '__amendment_versions') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

filings as (

    select * from {{ ref('int_filing_versions') }}

)

select
    forms.source,
    forms.record_id,
    forms.version_number,
    forms.form_type,
    forms.schema_version,
    forms.form_family,
    forms.is_amendment,
    forms.original_date,
    forms.carries_signal,
    filings.filing_id,
    filings.issuer_id,
    filings.filing_date,
    filings.accepted_at,
    filings.available_date,
    {{ moment('filings.available_date', 'filings.available_at') }} as available_from,
    -- In which order they were filed, whenever they were seen.
    {{ moment('filings.filing_date', 'coalesce(filings.accepted_at, cast(filings.filing_date + 2 as timestamp))') }}
    || ' ' || forms.record_id as place
from forms
inner join filings
    on forms.source = filings.source
    and forms.record_id = filings.record_id
    and forms.version_number = filings.version_number

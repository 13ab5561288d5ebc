-- Lines of one trade kind (date, code, direction, table and security): the same line, what was split or joined, then what starts from the same
-- holding, has the same shares, or the same price.
with lines as (

    select * from {{ ref('int_linked_lines') }}

),

{{ match_in_rounds('lines', [
    {'key': ['line_key']},
    {'key': ['trade_kind'], 'when': 'not is_added and shares is not null', 'together': true},
    {'key': ['trade_kind', 'holding_kind', 'shares_owned_before'], 'when': 'not is_added'},
    {'key': ['trade_kind', 'shares'], 'when': 'not is_added'},
    {'key': ['trade_kind', 'price'], 'when': 'not is_added'}
]) }}

select * from matched

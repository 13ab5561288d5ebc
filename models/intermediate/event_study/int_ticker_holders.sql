-- The issuer whose filing was the last to bear a ticker: a ticker given to another company belongs to that one from its first filing.
with mentions as (

    select * from {{ ref('int_ticker_mentions') }}

)

{{ spans_of_last_mention('mentions', ['source', 'market', 'ticker'], 'issuer_id') }}

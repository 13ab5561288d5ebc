-- The ticker that an issuer's last filing bears, for each market: from the day that first bears it to the day that bears another.
with mentions as (

    select * from {{ ref('int_ticker_mentions') }}

)

{{ spans_of_last_mention('mentions', ['source', 'issuer_id', 'market'], 'ticker') }}

-- Days on which a buy that counted was superseded, or one began to count that corrects or amends.
with buys as (

    select * from {{ ref('int_buys') }}

),

transactions as (

    select * from {{ ref('int_transaction_versions') }}

),

changes as (

    select
        buys.issuer_source as source,
        buys.issuer_id,
        transactions.source as filing_source,
        case
            when buys.day_after = transactions.superseded_date then transactions.superseded_date
        end as superseded_on,
        case
            when
                buys.first_day = transactions.available_date
                and (transactions.version_number > 1 or transactions.amends_id is not null)
                then transactions.available_date
        end as amended_on
    from buys
    inner join transactions
        on buys.transaction_id = transactions.transaction_id
        and buys.version_number = transactions.version_number

)

select distinct
    source,
    issuer_id,
    filing_source,
    superseded_on as known_on
from changes
where superseded_on is not null

union

select distinct
    source,
    issuer_id,
    filing_source,
    amended_on as known_on
from changes
where amended_on is not null

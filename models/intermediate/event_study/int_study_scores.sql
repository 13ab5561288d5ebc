{{ config(materialized='view') }}

-- The scores that the study measures: all, or none where no price is loaded.
select *
from {{ ref('int_ranked_scores') }}
where exists (select 1 from {{ ref('int_price_symbols') }})

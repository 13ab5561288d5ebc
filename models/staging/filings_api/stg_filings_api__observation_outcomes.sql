{{ config(materialized='table') }}

{{ observation_outcomes(ref('stg_filings_api__observations'), ref('stg_filings_api__meanings')) }}

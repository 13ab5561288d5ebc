{#-
    The columns of the relations in which the staging of every filing source ends. Behind them nothing knows the source.

    observations: one row per archived observation; payloads, records: one row per distinct payload (`content_hash`), of feeds per feed and payload;
    owners: one row per owner of a payload; lines: one row per transaction of a payload, readable or not.
-#}
{% macro staged_columns(part) -%}
    {{ return({
        'observations': [
            'record_id', 'content_hash', 'walk_id', 'page_number', 'position', 'observed_at', 'is_leading'
        ],
        'payloads': ['content_hash', 'payload'],
        'records': [
            'content_hash', 'filing_id', 'issuer_id', 'issuer_name', 'ticker', 'market', 'market_settings', 'amends_id',
            'form_type', 'schema_version', 'raw_original_date', 'original_date', 'is_signal_form', 'raw_status', 'url', 'unreadable_names',
            'is_registered_fund', 'raw_filing_date', 'filing_date', 'raw_published_at', 'published_at', 'raw_accepted_at', 'accepted_at',
            'raw_created_at', 'created_at', 'raw_updated_at', 'updated_at', 'earliest_source_time'
        ],
        'owners': [
            'content_hash', 'insider_id', 'insider_name', 'unreadable_names', 'raw_role', 'is_director', 'is_officer',
            'is_ten_percent_owner', 'is_other', 'unreadable_flags'
        ],
        'lines': [
            'content_hash', 'line_ordinal', 'unreadable_reason', 'raw_line_number', 'line_number', 'raw_transaction_type',
            'raw_acquired_disposed', 'raw_currency', 'raw_ownership_nature', 'raw_security_type', 'footnotes', 'ownership_notes', 'remarks',
            'raw_transaction_date', 'transaction_date', 'raw_shares', 'shares', 'raw_price', 'price', 'raw_value', 'value',
            'shares_owned_after',
            'is_derivative', 'is_planned', 'is_equity_swap', 'is_linked_to_share_programme', 'unreadable_flags'
        ]
    }[part]) }}
{%- endmacro %}

{#- The relation `part` (`staged_columns`) of every filing source, one below the other, with the name of the source. -#}
{% macro staged(part) -%}
    {%- set columns = staged_columns(part) | join(',\n        ') -%}
    select
        source,
        {{ columns }}
    from {{ ref('stg_filings_api__' ~ part) }}
    union all
    select
        'sec_edgar' as source,
        {{ columns }}
    from {{ ref('stg_sec_edgar__' ~ part) }}
{%- endmacro %}

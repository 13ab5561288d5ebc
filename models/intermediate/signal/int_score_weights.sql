select * from {{ ref('int_score_versions') }}
where version = {{ var('score_version') }}

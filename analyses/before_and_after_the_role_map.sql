-- Whose rank would differ if seniority were told by the article's words (version 1 of the role map) and not by the version in use?
with seniority as (

    select
        evidence.source,
        evidence.issuer_id,
        max((words.rule_id is not null)::int) as senior_by_article
    from {{ ref('signal_evidence') }} as evidence
    inner join {{ ref('filing_owners') }} as owners
        on evidence.filing_source = owners.source
        and evidence.filing_id = owners.filing_id
    left join {{ ref('mapping_rules') }} as words
        on words.seed = 'role_map'
        and words.version = 1
        and contains(lower(owners.raw_role), words.pattern)
    group by evidence.source, evidence.issuer_id

),

scores as (

    select
        ranking.*,
        ranking.score - ranking.senior_buyer_term + terms.weight * seniority.senior_by_article as score_by_article
    from {{ ref('daily_insider_signal') }} as ranking
    inner join seniority
        on ranking.source = seniority.source
        and ranking.issuer_id = seniority.issuer_id
    inner join {{ ref('score_terms') }} as terms
        on terms.version = 1
        and terms.term = 'senior_buyer'

),

ranked as (

    select
        *,
        row_number() over (order by round(score_by_article, 9) desc, source asc, issuer_id asc) as rank_by_article
    from scores

)

select
    issuer_name,
    role_map_version,
    rank,
    rank_by_article,
    round(score, 2) as score,
    round(score_by_article, 2) as score_by_article
from ranked
where rank <> rank_by_article
order by abs(rank - rank_by_article) desc, rank asc

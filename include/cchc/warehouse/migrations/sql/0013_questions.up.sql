-- Questions about numbers that look better than the service is. For the office and the unit that is asked; nothing of it
-- is published.
create schema quality;

-- What came of every test for every unit in a span, the newest night's word: also where nothing could be said.
create table quality.judgement (
    unit_code text not null,
    test_code text not null,
    span_from date not null, -- a month of reports
    span_to date not null,
    reporting_day date not null, -- the last day that was counted
    verdict text not null check (verdict in ('asked', 'quiet', 'not_judged')),
    reason text,
    figures jsonb,
    primary key (unit_code, test_code, span_from),
    check (span_to >= span_from),
    check ((verdict = 'not_judged') = (reason is not null))
);

create table quality.question (
    question_id bigint generated always as identity primary key,
    unit_code text not null,
    test_code text not null,
    span_from date not null,
    span_to date not null,
    reporting_day date not null,
    sentence text not null, -- Vietnamese
    figures jsonb not null,
    size double precision not null, -- how large what is asked about is: a share, or a difference
    state text not null default 'open' check (state in ('open', 'answered', 'withdrawn')),
    asked_at timestamptz not null default clock_timestamp(),
    answered_by text,
    answer text,
    answered_at timestamptz,
    answered_size double precision, -- the size that the answer is about
    unique (unit_code, test_code, span_from),
    check (span_to >= span_from),
    check (num_nonnulls(answered_by, answer, answered_at, answered_size) in (0, 4)),
    check (state <> 'answered' or (btrim(answered_by) <> '' and btrim(answer) <> ''))
);

-- changes come in the order of time, so this stays small however many there are
create index change_history_by_time on core.change_history using brin (changed_at) with (pages_per_range = 32);

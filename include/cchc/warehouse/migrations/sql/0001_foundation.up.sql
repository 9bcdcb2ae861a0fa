-- Every large table carries unit_code in its key: joins and merges stay within one unit, roll-ups aggregate by unit first.
create schema ops;
create schema landing;
create schema stg;
create schema core;
create schema mart;
create schema quarantine;
create schema publish;

-- ops: what ran, what came of it, who is told ------------------------------------------------------------------
create table ops.run (
    run_id uuid primary key,
    reporting_day date not null,
    kind text not null check (kind in ('sync', 'replay')),
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    state text not null default 'running' check (state in ('running', 'success', 'over_budget', 'failed')),
    sources text[] not null, -- every source this run reads
    note text
);

create table ops.source_outcome (
    run_id uuid not null references ops.run,
    unit_code text not null,
    source_code text not null,
    state text not null check (state in ('pulled', 'loaded', 'unchanged', 'held', 'failed')),
    stage text not null check (stage in ('pull', 'staging', 'gate', 'load')),
    error_class text,
    message text,
    received bigint not null default 0,
    loaded bigint not null default 0,
    unchanged bigint not null default 0,
    quarantined bigint not null default 0,
    refused bigint not null default 0,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    primary key (run_id, source_code)
);

create table ops.watermark (
    unit_code text not null,
    source_code text not null,
    dataset text not null,
    complete_to date not null,
    delivery_id uuid not null,
    moved_at timestamptz not null default clock_timestamp(),
    primary key (unit_code, source_code, dataset)
);

-- one row per delivery that was loaded under one mapping, and per pull that brought it (content that went and came
-- back is the same delivery again); written in the transaction that loads it
create table ops.load_ledger (
    delivery_id uuid not null,
    mapping_version text not null,
    pulled_at timestamptz not null,
    unit_code text not null,
    run_id uuid not null references ops.run,
    received bigint not null,
    inserted bigint not null,
    updated bigint not null,
    unchanged bigint not null,
    quarantined bigint not null,
    refused bigint not null,
    loaded_at timestamptz not null default clock_timestamp(),
    primary key (delivery_id, mapping_version, pulled_at),
    check (received = inserted + updated + unchanged + quarantined + refused)
);

-- (unit, day) pairs whose marts must be refreshed; filled by loads, emptied by the refresh, in their own transactions
create table ops.touched_day (
    unit_code text not null,
    day date not null,
    dataset text not null,
    primary key (unit_code, day, dataset)
);

create table ops.outbox (
    recipient text not null,
    reporting_day date not null,
    kind text not null,
    run_id uuid references ops.run,
    subject text not null,
    body_text text not null,
    body_html text not null,
    attachment_name text,
    attachment bytea,
    created_at timestamptz not null default clock_timestamp(),
    sent_at timestamptz,
    attempts integer not null default 0,
    last_error text,
    primary key (recipient, reporting_day, kind)
);

-- landing: the manifest of immutable files ----------------------------------------------------------------------
create table landing.delivery (
    delivery_id uuid primary key,
    unit_code text not null,
    source_code text not null,
    dataset text not null,
    window_from date not null,
    window_to date not null,
    path text not null,
    sha256 text not null,
    bytes bigint not null,
    received bigint not null check (received >= 0),
    refused bigint not null check (refused >= 0),
    landed bigint not null check (landed >= 0),
    source_total bigint,
    unknown_fields text[] not null default array[]::text[],
    profile_code text not null,
    pulled_at timestamptz not null,
    state text not null default 'landed' check (state in ('landed', 'loaded', 'held', 'failed')),
    reason text,
    check (received = refused + landed)
);
create index delivery_by_source on landing.delivery (unit_code, source_code, dataset, pulled_at);

-- which deliveries a run brought; the same delivery may come again and again
create table landing.run_delivery (
    run_id uuid not null references ops.run,
    delivery_id uuid not null references landing.delivery,
    primary key (run_id, delivery_id)
);

-- core: dimensions ----------------------------------------------------------------------------------------------
create table core.unit (
    unit_code text not null,
    valid_from date not null,
    valid_to date,
    name text not null,
    unit_group text not null,
    parent_code text,
    primary key (unit_code, valid_from),
    check (valid_to is null or valid_to >= valid_from)
);

create table core.unit_code (
    code_system text not null,
    code text not null,
    valid_from date not null,
    unit_code text not null,
    primary key (code_system, code, valid_from)
);

create table core.unit_edge (
    predecessor text not null,
    successor text not null,
    effective date not null,
    evidence text not null check (evidence <> ''),
    primary key (predecessor, successor, effective)
);

create table core.source (
    source_code text primary key,
    unit_code text not null,
    profile_code text not null,
    kind text not null,
    title text not null,
    on_time_rule text not null,
    expected boolean not null
);

-- core: facts ---------------------------------------------------------------------------------------------------
create table core.dossier (
    unit_code text not null,
    source_code text not null,
    dossier_code text not null,
    procedure_code text not null,
    field_code text,
    intake text not null check (intake in ('one_stop', 'direct')),
    channel text not null check (channel in ('direct', 'online', 'post', 'unknown')),
    online_level text not null check (online_level in ('1', '2', '3', '4', 'partial', 'full', 'unknown')),
    status text not null,
    received_at timestamptz, -- none before the office took it in, or refused to
    due_at timestamptz,
    finished_at timestamptz,
    returned_at timestamptz,
    supplement_at timestamptz,
    supplement_completed_at timestamptz,
    supplement_requests integer,
    extended_at timestamptz,
    post_in boolean,
    post_out boolean,
    paid_online boolean,
    has_duty boolean,
    electronic_result boolean,
    has_result boolean,
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, dossier_code),
    check (received_at is not null or status in ('registered', 'not_accepted', 'supplement'))
);
create index dossier_received on core.dossier (unit_code, received_at);
create index dossier_finished on core.dossier (unit_code, finished_at);
create index dossier_returned on core.dossier (unit_code, returned_at);
create index dossier_due on core.dossier (unit_code, due_at);

create table core.document (
    unit_code text not null,
    source_code text not null,
    document_code text not null,
    direction text not null check (direction in ('in', 'out')),
    registered_on date not null,
    form text not null check (form in ('electronic', 'paper', 'parallel')),
    is_signed boolean,
    document_type text,
    counterpart text,
    action text not null check (action in ('new', 'recall', 'update', 'replace')),
    due_on date,
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, direction, document_code)
);
create index document_registered on core.document (unit_code, registered_on);

-- what a receiver answered about a document (QCVN 102:2016 status message)
create table core.document_status (
    unit_code text not null,
    source_code text not null,
    document_code text not null,
    responder text not null,
    status_code text not null,
    status_at timestamptz not null,
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, document_code, responder, status_code, status_at)
);

create table core.procedure (
    unit_code text not null,
    source_code text not null,
    procedure_code text not null,
    valid_from date not null,
    valid_to date,
    field_code text,
    level_scheme text,
    online_level text not null check (online_level in ('1', '2', '3', '4', 'partial', 'full', 'unknown')),
    term_value numeric check (term_value is null or term_value > 0),
    term_unit text check (term_unit is null or term_unit in ('hour', 'day', 'working_day', 'month')),
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, procedure_code, valid_from),
    check (valid_to is null or valid_to >= valid_from)
);

create table core.procedure_review (
    unit_code text not null,
    source_code text not null,
    procedure_code text not null,
    reviewed_on date not null,
    shorter_term_proposed boolean not null,
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, procedure_code, reviewed_on)
);

create table core.reported_measure (
    unit_code text not null,
    source_code text not null,
    measure_code text not null,
    period_from date not null,
    period_to date not null,
    value numeric,
    numerator numeric,
    denominator numeric,
    ratio numeric,
    evidence text,
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, measure_code, period_from, period_to),
    check (period_to >= period_from),
    check (num_nonnulls(value, numerator, denominator, ratio) > 0)
);

-- every replaced or removed version of a fact row, as it was
create table core.change_history (
    change_id bigint generated always as identity primary key,
    unit_code text not null,
    dataset text not null,
    record_key text not null,
    change text not null check (change in ('update', 'remove')),
    old_row jsonb not null,
    delivery_id uuid not null,
    changed_at timestamptz not null default clock_timestamp()
);
create index change_history_by_record on core.change_history (unit_code, dataset, record_key);

-- stg: the batch of one run, typed; a value that could not be read is null and named in cast_errors -----------------
create table stg.dossier (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    dossier_code text,
    procedure_code text,
    field_code text,
    intake text,
    channel text,
    online_level text,
    status text,
    received_at timestamptz,
    due_at timestamptz,
    finished_at timestamptz,
    returned_at timestamptz,
    supplement_at timestamptz,
    supplement_completed_at timestamptz,
    supplement_requests integer,
    extended_at timestamptz,
    post_in boolean,
    post_out boolean,
    paid_online boolean,
    has_duty boolean,
    electronic_result boolean,
    has_result boolean,
    primary key (run_id, delivery_id, row_no)
);

create table stg.document (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    document_code text,
    direction text,
    registered_on date,
    form text,
    is_signed boolean,
    document_type text,
    counterpart text,
    action text,
    due_on date,
    primary key (run_id, delivery_id, row_no)
);

create table stg.document_status (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    document_code text,
    responder text,
    status_code text,
    status_at timestamptz,
    primary key (run_id, delivery_id, row_no)
);

create table stg.procedure (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    procedure_code text,
    valid_from date,
    valid_to date,
    field_code text,
    level_scheme text,
    online_level text,
    term_value numeric,
    term_unit text,
    primary key (run_id, delivery_id, row_no)
);

create table stg.procedure_review (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    procedure_code text,
    reviewed_on date,
    shorter_term_proposed boolean,
    primary key (run_id, delivery_id, row_no)
);

create table stg.reported_measure (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    measure_code text,
    period_from date,
    period_to date,
    value numeric,
    numerator numeric,
    denominator numeric,
    ratio numeric,
    evidence text,
    primary key (run_id, delivery_id, row_no)
);

-- which rows of a run's batch break which rule; written once by the gate, read by the load
create table stg.violation (
    run_id uuid not null,
    dataset text not null,
    delivery_id uuid not null,
    row_no bigint not null,
    rule_code text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    message text not null,
    primary key (run_id, delivery_id, row_no, rule_code)
);

-- the gate's verdict on one dataset of one run
create table stg.gate_result (
    run_id uuid not null,
    dataset text not null,
    rule_code text not null,
    severity text not null,
    checked bigint not null,
    unexpected bigint not null,
    raised text,
    primary key (run_id, dataset, rule_code)
);

-- quarantine: the row, why, and where it came from; never a personal field, for none passes landing ---------------
create table quarantine.item (
    item_id bigint generated always as identity primary key,
    unit_code text not null,
    source_code text not null,
    dataset text not null,
    record_key text not null,
    rule_code text not null,
    severity text not null check (severity in ('critical', 'warning')),
    message text not null,
    row_data jsonb not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    mapping_version text not null,
    first_seen timestamptz not null default clock_timestamp(),
    last_seen timestamptz not null default clock_timestamp(),
    state text not null default 'open' check (state in ('open', 'corrected')),
    closed_at timestamptz,
    unique (unit_code, source_code, dataset, record_key, rule_code) -- one item however many nights it stays wrong
);
create index item_open on quarantine.item (unit_code, source_code, dataset) where state = 'open';

-- mart: additive day-grain counts -------------------------------------------------------------------------------
create table mart.measure_day (
    unit_code text not null,
    day date not null,
    measure_code text not null,
    procedure_code text not null,
    intake text not null,
    channel text not null,
    online_level text not null,
    dataset text not null,
    value bigint not null,
    primary key (unit_code, day, measure_code, procedure_code, intake, channel, online_level)
);

-- publish: complete or invisible --------------------------------------------------------------------------------
create table publish.release (
    release_id text primary key,
    reporting_day date not null,
    run_id uuid references ops.run,
    content_sha256 text not null,
    path text not null,
    sources_expected integer not null,
    sources_fresh integer not null,
    published_at timestamptz not null default clock_timestamp(),
    chain_no integer not null unique check (chain_no > 0), -- 1, 2, 3 … without a gap
    previous_sha256 text not null, -- chain_sha256 of the release before
    values_sha256 text, -- of its rows in indicator_value; sealed in the transaction that enters them
    chain_sha256 text unique, -- of all of this and the release before
    unique (reporting_day, content_sha256)
);

create table publish.indicator_value (
    release_id text not null references publish.release,
    unit_code text not null,
    set_code text not null,
    indicator_code text not null,
    period_from date not null,
    period_to date not null,
    value numeric,
    numerator numeric,
    denominator numeric,
    printed text,
    reason text,
    coverage numeric,
    fresh_to date,
    primary key (release_id, unit_code, set_code, indicator_code, period_from, period_to),
    check (value is not null or reason is not null)
);

-- Routing as a whole: a draft of an offer's routes beside the live ones, and every set that was published.

-- base: the live routes when the draft was begun, to see whether they have changed meanwhile.
create table routing_draft (
  offer_id    uuid primary key references offer,
  routes      jsonb not null,
  base        jsonb not null,
  publish_at  timestamptz,
  publish_why text,                                 -- why publishing it at its time has failed
  updated_by  text not null,
  updated_at  timestamptz not null
);
create index routing_draft_due_idx on routing_draft (publish_at) where publish_at is not null;

-- The first version of an offer is what was live before its first draft was published.
create table routing_version (
  offer_id     uuid not null references offer,
  version      int not null,
  routes       jsonb not null,
  published_by text not null,
  published_at timestamptz not null,
  primary key (offer_id, version)
);

-- What a key may use in a minute and which models, what a provider may be asked for in a day, and
-- what is tried when a model fails.

ALTER TABLE api_keys
    ADD COLUMN rate_limit_tpm bigint CHECK (rate_limit_tpm > 0),
    -- Model ids, * stands for any characters; NULL allows every model, an empty list none.
    ADD COLUMN allowed_models text[];

-- Calls to providers with a daily quota (UTC), counted before each is made. It is PostgreSQL's so
-- that nothing that Redis loses is spent twice.
CREATE TABLE provider_days (
    provider text NOT NULL,
    day date NOT NULL,
    requests bigint NOT NULL CHECK (requests >= 0),
    PRIMARY KEY (provider, day)
);

INSERT INTO platform_config (key, value, value_schema, description) VALUES
    ('llm.fallbacks', '{}',
     '{"type": "object", "maxProperties": 500, "propertyNames": {"minLength": 1, "maxLength": 200},
       "additionalProperties": {"type": "array", "maxItems": 20,
         "items": {"type": "string", "minLength": 1, "maxLength": 200}}}',
     'From a model or a provider to the models to try, in order, when it fails'),
    ('limits.provider_daily_requests', '{}',
     '{"type": "object", "maxProperties": 500, "propertyNames": {"minLength": 1, "maxLength": 200},
       "additionalProperties": {"type": ["integer", "null"], "minimum": 0, "maximum": 1000000000}}',
     'Calls that a provider may be asked for in one day (UTC), over the shipped quotas; null is no limit');

UPDATE platform_config
SET value_schema = '{"type": "object", "additionalProperties": false, "properties": {
      "general": {"$ref": "#/$defs/models"}, "code": {"$ref": "#/$defs/models"},
      "reasoning": {"$ref": "#/$defs/models"}, "creative": {"$ref": "#/$defs/models"},
      "quick": {"$ref": "#/$defs/models"}},
    "$defs": {"models": {"type": "array", "maxItems": 20,
      "items": {"type": "string", "minLength": 1, "maxLength": 200}}}}',
    description = 'From a category to the models for it, in order'
WHERE key = 'llm.model_routing_map';

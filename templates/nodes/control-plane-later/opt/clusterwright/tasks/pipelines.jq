# Entries of the API server's AuthenticationConfiguration, a line each, from the pipelines of the cluster ([{name, issuer, audience, claims: [{claim, value}],
# certificateAuthority}]). One issuer is one entry: issuers must not repeat. Every text goes into CEL by `tojson`, whose escapes CEL reads alike.

# What has to be true of a token. A claim that is missing is empty, and no rule is; a claim that is no text ends in a refusal.
def rule: "claims[?\(.claim | tojson)].orValue(\"\")" + (if .value | endswith("*") then ".startsWith(\(.value[:-1] | tojson))" else " == \(.value | tojson)" end);
def audience: tojson as $wanted | "(claims.aud == \($wanted) || type(claims.aud) == list && \($wanted) in claims.aud)";
def follows: [(.audience | audience), (.claims[] | rule)] | join(" && ");

# The pipelines that a token is of.
def pipelines: "[\(map("\(follows) ? \("pipeline:" + .name | tojson) : \"\"") | join(", "))].filter(pipeline, pipeline != \"\")";

group_by(.issuer)[] | {
  issuer: ({url: .[0].issuer, audiences: (map(.audience) | unique), audienceMatchPolicy: "MatchAny"} + (.[0].certificateAuthority | if . == null then {} else {certificateAuthority: .} end)),
  claimValidationRules: [{expression: "claims.exp - claims.iat <= 86400", message: "the token is good for more than a day"}],
  claimMappings: {
    username: {expression: "\(pipelines).join(\" and \")"},
    groups: {expression: pipelines},
    extra: [{key: "clusterwright.io/pipeline-subject", valueExpression: "claims.?sub.orValue(\"\")"}]
  },
  userValidationRules: [{expression: "user.groups.size() == 1", message: "the token follows the rules of no pipeline, or of more than one"}]
} | "  - \(tojson)"

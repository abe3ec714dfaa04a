using System.Text.Json;
using Watchword.Authorization.Tokens;
using Watchword.Identity;

namespace Watchword.Authorization.Events;

/// <summary>
/// Reads events about one subject. An event of a type that means nothing here is one without changes: it has a number, so it must
/// be taken.
/// </summary>
internal static class SubjectEventReader
{
    private static readonly string[] IdentityClaims = [.. AnnexB.Services.Select(McClaims.For), McClaims.EntityUri];

    public static SecurityEvent? TryRead(SecurityEvent envelope, JsonElement claims, JsonElement payload)
    {
        if (!IsKnown(envelope.Type))
        {
            return envelope;
        }

        if (!TryGetSubject(claims, envelope.Issuer, out string subject)
            || !StrictJson.TryGetTime(payload, SecurityEventNames.TokensEnded, out DateTimeOffset? ended))
        {
            return null;
        }

        List<string> identities = [];
        bool readable = envelope.Type == SecurityEventTypes.TokenClaimsChange
            ? TryAddMember(payload, SecurityEventNames.PreviousClaims, identities)
                && TryAddMember(payload, SecurityEventNames.Claims, identities)
            : TryAdd(payload, identities);
        return readable ? envelope.With(subject, identities, ChangeOf(envelope, subject, ended)) : null;
    }

    private static bool IsKnown(string type) => type is SecurityEventTypes.AccountDisabled or SecurityEventTypes.AccountEnabled
        or SecurityEventTypes.AccountPurged or SecurityEventTypes.SessionRevoked or SecurityEventTypes.TokenClaimsChange;

    /// <summary>
    /// Where the issuer does not say until when tokens have ended, but the type means that they have, it is the time of the
    /// event.
    /// </summary>
    private static SubjectChange ChangeOf(SecurityEvent envelope, string subject, DateTimeOffset? ended) => envelope.Type switch
    {
        SecurityEventTypes.AccountDisabled => new SubjectChange(subject, SubjectState.Disabled, ended ?? envelope.OccurredAt),
        SecurityEventTypes.AccountPurged => new SubjectChange(subject, SubjectState.Removed, ended ?? envelope.OccurredAt),
        SecurityEventTypes.AccountEnabled => new SubjectChange(subject, SubjectState.Enabled, ended),
        SecurityEventTypes.SessionRevoked => new SubjectChange(subject, null, ended ?? envelope.OccurredAt),
        _ => new SubjectChange(subject, null, ended),
    };

    /// <summary>The subject is the issuer's own: no issuer speaks for the users of another (RFC 9493 §3.2.4).</summary>
    private static bool TryGetSubject(JsonElement claims, string issuer, out string subject)
    {
        subject = string.Empty;
        if (!claims.TryGetProperty(SecurityEventNames.SubjectId, out JsonElement id) || id.ValueKind != JsonValueKind.Object
            || !StrictJson.TryGetString(id, "format", out string? format) || format != SecurityEventNames.IssuerSubjectFormat
            || !StrictJson.TryGetString(id, "iss", out string? subjectIssuer)
            || !string.Equals(subjectIssuer, issuer, StringComparison.Ordinal)
            || !StrictJson.TryGetName(id, "sub", out string? name) || name is null)
        {
            return false;
        }

        subject = name;
        return true;
    }

    private static bool TryAddMember(JsonElement payload, string name, List<string> identities) =>
        !payload.TryGetProperty(name, out JsonElement member)
        || (member.ValueKind == JsonValueKind.Object && TryAdd(member, identities));

    private static bool TryAdd(JsonElement members, List<string> identities)
    {
        foreach (string claim in IdentityClaims)
        {
            if (!members.TryGetProperty(claim, out JsonElement element) || element.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (!StrictJson.TryGetString(element, out string? identity) || !McServiceId.IsValid(identity))
            {
                return false;
            }

            if (!identities.Contains(identity, StringComparer.Ordinal))
            {
                identities.Add(identity);
            }
        }

        return true;
    }
}

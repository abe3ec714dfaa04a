using System.Text.Json;
using Watchword.Authorization.Tokens;
using Watchword.Identity;

namespace Watchword.Authorization.Events;

/// <summary>Reads the claims of a security event token whose signature holds (RFC 8417 §2.2, RFC 9493).</summary>
internal sealed class SecurityEventReader(string audience, TimeSpan leeway)
{
    /// <summary>A token is signed anew for each attempt, so an older one is a copy.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(2);

    /// <summary>Checks every claim and makes the event.</summary>
    /// <param name="claims">The claims, without repeated members.</param>
    /// <param name="issuer">The issuer whose key verified the signature.</param>
    /// <param name="now">The time to judge by.</param>
    /// <param name="securityEvent">The event if the result is <see cref="AuthorizationFault.None"/>.</param>
    public AuthorizationFault TryRead(JsonElement claims, string issuer, DateTimeOffset now, out SecurityEvent? securityEvent)
    {
        securityEvent = null;
        AuthorizationFault fault = CheckAudience(claims);
        if (fault != AuthorizationFault.None)
        {
            return fault;
        }

        if (!StrictJson.TryGetTime(claims, "iat", out DateTimeOffset? issuedAt)
            || !StrictJson.TryGetTime(claims, SecurityEventNames.TimeOfEvent, out DateTimeOffset? occurredAt))
        {
            return AuthorizationFault.TimeNotANumber;
        }

        if (issuedAt is not { } signedAt)
        {
            return AuthorizationFault.EventMalformed;
        }

        // Differences, not sums: the time may be the last that the type holds.
        if (signedAt - now > leeway || now - signedAt > MaxAge)
        {
            return AuthorizationFault.EventTimeRefused;
        }

        if (!StrictJson.TryGetName(claims, "jti", out string? jti) || jti is null
            || !TryGetNumber(claims, SecurityEventNames.Epoch, least: 1, out long epoch)
            || !TryGetNumber(claims, SecurityEventNames.Sequence, least: 0, out long sequence)
            || !TryGetEvent(claims, out string type, out JsonElement payload))
        {
            return AuthorizationFault.EventMalformed;
        }

        SecurityEvent envelope = new(issuer, type, jti, epoch, sequence, signedAt, occurredAt ?? signedAt);
        securityEvent = type switch
        {
            SecurityEventTypes.Heartbeat => ReadHeartbeat(envelope, payload),
            _ when sequence == 0 => null,
            SecurityEventTypes.Snapshot => SnapshotReader.TryRead(envelope, payload),
            _ => SubjectEventReader.TryRead(envelope, claims, payload),
        };
        return securityEvent is null ? AuthorizationFault.EventMalformed : AuthorizationFault.None;
    }

    /// <summary>The whole number of a member; a fraction or a string is none.</summary>
    internal static bool TryGetNumber(JsonElement parent, string name, long least, out long number)
    {
        number = 0;
        return parent.TryGetProperty(name, out JsonElement element) && element.ValueKind == JsonValueKind.Number
            && element.TryGetInt64(out number) && number >= least;
    }

    private AuthorizationFault CheckAudience(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out JsonElement element))
        {
            return AuthorizationFault.AudienceMissing;
        }

        if (!StrictJson.TryGetStrings(element, out List<string> audiences))
        {
            return AuthorizationFault.AudienceMalformed;
        }

        return audiences.Contains(audience, StringComparer.Ordinal)
            ? AuthorizationFault.None
            : AuthorizationFault.AudienceNotThisServer;
    }

    /// <summary>
    /// One token, one event: RFC 8417 §2.2 allows several members for one event, but then two could contradict each other.
    /// </summary>
    private static bool TryGetEvent(JsonElement claims, out string type, out JsonElement payload)
    {
        (type, payload) = (string.Empty, default);
        if (!claims.TryGetProperty("events", out JsonElement events) || events.ValueKind != JsonValueKind.Object
            || events.GetPropertyCount() != 1)
        {
            return false;
        }

        JsonProperty only = events.EnumerateObject().First();
        (type, payload) = (only.Name, only.Value);
        return payload.ValueKind == JsonValueKind.Object;
    }

    private static SecurityEvent? ReadHeartbeat(SecurityEvent envelope, JsonElement payload)
    {
        string? newest = null;
        bool readable = !payload.TryGetProperty(SecurityEventNames.Newest, out JsonElement element)
            || element.ValueKind == JsonValueKind.Null
            || StrictJson.TryGetString(element, out newest);
        return readable ? envelope.With(heartbeat: true, newest) : null;
    }
}

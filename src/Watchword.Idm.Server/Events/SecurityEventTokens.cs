using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Watchword.Identity;
using Watchword.Idm.Server.Configuration;
using Watchword.Idm.Server.Keys;
using Watchword.Idm.Server.Storage;

namespace Watchword.Idm.Server.Events;

/// <summary>
/// Writes and signs security event tokens (RFC 8417). A token is signed at each attempt, by the key that is active then and with
/// that time in <c>iat</c>; <c>jti</c>, number and <c>toe</c> stay.
/// </summary>
internal sealed class SecurityEventTokens(SigningKeyRing ring, IdmIssuer issuer)
{
    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>The token of an event.</summary>
    public string Sign(EventStreamState stream, OutboundEvent row, DateTimeOffset now, string algorithm)
    {
        JsonObject claims = Envelope(stream, row.Jti, row.Sequence, now);
        claims[SecurityEventNames.TimeOfEvent] = row.OccurredAt.ToUnixTimeSeconds();
        if (row.Subject is { } subject)
        {
            claims[SecurityEventNames.SubjectId] = new JsonObject
            {
                ["format"] = SecurityEventNames.IssuerSubjectFormat, ["iss"] = issuer.Value, ["sub"] = subject,
            };
        }

        return Sign(claims, row.Type, JsonNode.Parse(row.Payload)!, algorithm);
    }

    /// <summary>
    /// A heartbeat: at <paramref name="now"/>, the newest event was that one. The time must have been taken before the stream was
    /// read, or an event in between would be denied.
    /// </summary>
    public string SignHeartbeat(EventStreamState stream, string? newest, DateTimeOffset now, string algorithm) => Sign(
        Envelope(stream, EventOutbox.NewJti(), stream.LastSequence, now),
        SecurityEventTypes.Heartbeat,
        new JsonObject { [SecurityEventNames.Newest] = newest },
        algorithm);

    private JsonObject Envelope(EventStreamState stream, string jti, long sequence, DateTimeOffset now) => new()
    {
        ["iss"] = issuer.Value,
        ["aud"] = stream.Audience,
        ["iat"] = now.ToUnixTimeMilliseconds() / 1000m,
        ["jti"] = jti,
        [SecurityEventNames.Epoch] = stream.Epoch,
        [SecurityEventNames.Sequence] = sequence,
    };

    private string Sign(JsonObject claims, string type, JsonNode payload, string algorithm)
    {
        claims["events"] = new JsonObject { [type] = payload };
        return handler.CreateToken(
            claims.ToJsonString(),
            ring.Active.For(algorithm),
            new Dictionary<string, object> { ["typ"] = SecurityEventNames.TokenType });
    }
}

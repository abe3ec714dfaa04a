using System.Text;
using System.Text.Json;
using Watchword.Authorization;
using Watchword.Authorization.Events;
using Watchword.Authorization.Tokens;

namespace Watchword.Fuzz;

/// <summary>
/// Security events as anybody may post them: the compact form, and the claims behind a signature, which the input is taken for itself
/// because a mutation would seldom hit base64url. Putting what was read in order comes along.
/// </summary>
internal sealed class SecurityEventTarget : IFuzzTarget
{
    private const string Issuer = "https://idms.example.org";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1760000000);
    private static readonly SecurityEventReader Reader = new("https://kms.example.org", TimeSpan.FromSeconds(30));

    public string Name => "security-event";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        "\"iat\":1760000000"u8.ToArray(), "\"aud\":\"https://kms.example.org\""u8.ToArray(), "\"jti\":\"j\""u8.ToArray(), "\"toe\":"u8.ToArray(),
        "\"urn:watchword:epoch\":1000"u8.ToArray(), "\"urn:watchword:seq\":2"u8.ToArray(), "\"events\":{"u8.ToArray(),
        "\"urn:watchword:event:heartbeat\":{\"newest\":\"a\"}"u8.ToArray(), "\"urn:watchword:event:snapshot\":{\"page\":1,\"last\":true,"u8.ToArray(),
        "\"disabled\":["u8.ToArray(), "\"removed\":["u8.ToArray(), "\"urn:watchword:tokens_ended\":{"u8.ToArray(), "\"urn:watchword:tokens_ended\":1"u8.ToArray(),
        "\"https://schemas.openid.net/secevent/risc/event-type/account-disabled\":{"u8.ToArray(),
        "\"https://schemas.openid.net/secevent/risc/event-type/account-enabled\":{"u8.ToArray(),
        "\"https://schemas.openid.net/secevent/caep/event-type/token-claims-change\":{\"claims\":{"u8.ToArray(),
        "\"sub_id\":{\"format\":\"iss_sub\",\"iss\":\"https://idms.example.org\",\"sub\":\"alice\"}"u8.ToArray(), "\"mcptt_id\":\"sip:a@b\""u8.ToArray(),
        "\\ud800"u8.ToArray(), "1e999"u8.ToArray(), "-0"u8.ToArray(), "null"u8.ToArray(), "."u8.ToArray(), "eyJ0eXAiOiJzZWNldmVudCtqd3QifQ"u8.ToArray(),
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        AuthorizationFault form = CompactToken.TryParse(Encoding.Latin1.GetString(input.Span), TokenKind.SecurityEvent, out CompactToken? token);
        using (token)
        {
            FuzzTargets.Require((token is null) == (form != AuthorizationFault.None), "a token or a fault");
        }

        if (!StrictJson.TryParseObject(input, out JsonDocument? document, out bool repeated))
        {
            return $"{form} no object {repeated}";
        }

        using (document)
        {
            AuthorizationFault fault = Reader.TryRead(document.RootElement, Issuer, Now, out SecurityEvent? securityEvent);
            FuzzTargets.Require((securityEvent is null) == (fault != AuthorizationFault.None), "an event or a fault");
            return securityEvent is null ? $"{fault}" : $"{securityEvent.IsHeartbeat} {securityEvent.IsSnapshot} {securityEvent.Subject is null} {Check(securityEvent)}";
        }
    }

    private static string Check(SecurityEvent securityEvent)
    {
        FuzzTargets.Require(securityEvent.Sequence >= (securityEvent.IsHeartbeat ? 0 : 1) && securityEvent.Epoch >= 1, "numbers are in bounds");
        FuzzTargets.Require(securityEvent.Changes.All(change => change.Subject.Length is > 0 and <= 1024), "subjects are names");
        FuzzTargets.Require(!securityEvent.IsHeartbeat || securityEvent.Changes.Count == 0, "a heartbeat changes no subject");
        EventStreamState known = new(Issuer, 1000, 1, "a", SnapshotComplete: true, CompleteAt: null);
        string word = string.Empty;
        foreach (EventStreamState? before in (EventStreamState?[])[null, known, known with { SnapshotComplete = false }])
        {
            (StreamOutcome outcome, EventStreamState? after) = EventStreamState.Advance(before, securityEvent, Now);
            bool changed = !Equals(before, after);
            FuzzTargets.Require(changed == (outcome == StreamOutcome.Applied), "what is applied changes the state, and nothing else does");
            FuzzTargets.Require(
                before is null || (after!.Epoch, after.Sequence).CompareTo((before.Epoch, before.Sequence)) >= 0, "a stream never goes back");
            FuzzTargets.Require(after?.CompleteAt is null || after.CompleteAt <= Now, "nobody vouches for the future");
            word += outcome;
        }

        return word;
    }
}

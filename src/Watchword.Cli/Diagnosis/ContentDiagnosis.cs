using System.Globalization;
using System.Security.Cryptography;
using Watchword.Mikey;

namespace Watchword.Cli.Diagnosis;

/// <summary>What can be checked once the key is there: identifiers and key parameters. The key itself is not shown.</summary>
internal sealed class ContentDiagnosis(MessageFacts facts, DateTimeOffset now)
{
    private const string ParametersClause = "TS 33.180 5.2.4, E.6.1";

    /// <summary>The findings.</summary>
    public IEnumerable<Finding> Run(ReadOnlyMemory<byte> secret)
    {
        KeyPurpose purpose = UserKeyId.PurposeOf(facts.CsbId);
        bool diverse = purpose == KeyPurpose.Gmk;
        if (diverse && facts.ReceiverUri is null)
        {
            yield return new Finding(
                "identifier",
                FindingResult.Unknown,
                "the GMK-ID needs the URI of the receiver, which is hidden",
                Clause: "TS 33.180 5.2.3");
        }
        else
        {
            uint keyId = diverse ? UserKeyId.Of(facts.CsbId, secret.Span, facts.ReceiverUri!) : facts.CsbId;
            yield return Identifier(keyId, purpose, diverse);
        }

        if (facts.KeyParameters is { } extension)
        {
            yield return Parameters(extension, secret.Span, purpose);
        }
    }

    private Finding Identifier(uint keyId, KeyPurpose purpose, bool diverse)
    {
        string name = Messages.PayloadNames.Purpose((int)purpose);
        string own = Hex(facts.CsbId);
        string full = diverse ? Hex(keyId) + own : own;
        string? wrong = facts.Spis.FirstOrDefault(spi => spi.Length > 0 && spi != full && spi != own);
        string words = diverse ? $"{name}-ID {Hex(keyId)}, as GUK-ID {own}" : $"{name}-ID {own}";
        return wrong is null
            ? new Finding(
                "identifier", FindingResult.Passed, words, Clause: diverse ? "TS 33.180 5.2.3, F.1.3" : "TS 33.180 5.2.2")
            : new Finding(
                "identifier",
                FindingResult.Failed,
                $"the SPI {wrong} is not that of the key: {words}" + (diverse
                    ? "; a salt of the most significant bits, or another spelling of the URI, gives another GUK-ID"
                    : string.Empty),
                $"have the sender write {full}",
                "TS 33.180 5.2.3, F.1.3");
    }

    private Finding Parameters(ReadOnlyMemory<byte> extension, ReadOnlySpan<byte> secret, KeyPurpose purpose)
    {
        if (!McDataProtectedPayload.TryParse(extension.Span, out McDataProtectedPayload? payload))
        {
            return new Finding(
                "key parameters",
                FindingResult.Failed,
                "they are no MCData protected payload: an old peer sends them in clear",
                "have the sender encrypt them; a receiver may name the tolerance KeyParametersInClear meanwhile",
                ParametersClause);
        }

        byte[] octets = new byte[payload.PayloadSizeInBytes];
        try
        {
            using DataPayloadCipherKey key = DataPayloadCipherKey.Derive(secret, facts.CsbId);
            if (!key.TryUnprotect(payload, octets))
            {
                string why = payload.DppkId == facts.CsbId
                    ? "they do not decrypt under the key of this message"
                    : $"they are encrypted under the DPPK-ID {Hex(payload.DppkId)}, which is not the CSB ID {Hex(facts.CsbId)}";
                return new Finding(
                    "key parameters",
                    FindingResult.Failed,
                    why,
                    "have the sender derive the DPCK from this key and its CSB ID (F.1.5)",
                    ParametersClause);
            }

            return KeyParameters.TryParse(octets, out KeyParameters? parameters)
                ? Read(parameters, purpose)
                : new Finding(
                    "key parameters",
                    FindingResult.Failed,
                    "they decrypt, and what comes out is malformed",
                    "compare the sender with table E.6.1-1",
                    ParametersClause);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    private Finding Read(KeyParameters parameters, KeyPurpose purpose)
    {
        string name = Messages.PayloadNames.Purpose((int)parameters.KeyType);
        if (parameters.KeyType != purpose)
        {
            return new Finding(
                "key parameters",
                FindingResult.Failed,
                $"they are those of a {name}, while the purpose tag says {Messages.PayloadNames.Purpose((int)purpose)}",
                "have the sender write one purpose in both",
                ParametersClause);
        }

        string state = parameters.IsRevoked ? "revoked: whoever holds it stops using it"
            : parameters.Expiry is { } expiry && now >= expiry ? "expired"
            : parameters.Activation is { } activation && now < activation ? "not yet active"
            : "in use";
        string text = $"{name}, {state}"
            + (parameters.Activation is { } from ? $"; from {Printable.Time(from)}" : string.Empty)
            + (parameters.Expiry is { } to ? $"; to {Printable.Time(to)}" : "; without expiry")
            + (parameters.Text.Length > 0 ? $"; \"{parameters.Text}\"" : string.Empty)
            + (parameters.GroupIds.Count > 0 ? $"; groups {string.Join(", ", parameters.GroupIds)}" : string.Empty);
        return new Finding("key parameters", FindingResult.Passed, text, Clause: ParametersClause);
    }

    private static string Hex(uint id) => id.ToString("x8", CultureInfo.InvariantCulture);
}

using System.Security.Cryptography;
using Watchword.Cryptography;
using Watchword.Mikey;

namespace Watchword.Fuzz;

/// <summary>
/// The I_MESSAGE of every purpose, as a receiver with keys opens it: as it came, and signed again by the true initiator, so that
/// what lies behind the signature is reached too: map, identifiers, encapsulation, key parameters.
/// </summary>
internal sealed class KeyMessageTarget : IFuzzTarget
{
    public const string InitiatorUri = "sip:a@example.org";
    public const string ReceiverUri = "sip:b@example.org";
    public const string KmsUri = "kms.example.org";

    private const int SignatureSize = EccsiSigningKey.SignatureSizeInBytes;

    private readonly EccsiSigningKey _signing;
    private readonly SakkeReceiverKey _receiving;
    private readonly SakkeReceiverKey _own;
    private readonly SakkePublicKey _domain;

    public KeyMessageTarget()
    {
        using EccsiMasterKey eccsi = EccsiMasterKey.Import(SHA256.HashData("fuzz KSAK"u8));
        byte[] z = new byte[SakkeMasterKey.SizeInBytes];
        SHA256.HashData("fuzz z"u8, z.AsSpan(1));
        using SakkeMasterKey sakke = SakkeMasterKey.Import(z);
        _domain = sakke.PublicKey;
        _signing = eccsi.IssueSigningKey(Uid(InitiatorUri));
        _receiving = sakke.IssueReceiverKey(Uid(ReceiverUri));
        _own = sakke.IssueReceiverKey(Uid(InitiatorUri));
    }

    public static DateTimeOffset Now { get; } = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public string Name => "mikey-keys";

    public IReadOnlyList<byte[]> Dictionary { get; } =
    [
        [0x01, 0x1A, 0x05, 0x01], [0x20, 0x81], [0x20, 0x20], [0x01, 0x11], [0xFF, 0xFF], [0x0E, 0x08, 0x02, 0x00, 0x20], [0x0E, 0x09, 0x02, 0x00, 0x20],
        [0x15, 0x06, 0x01, 0x16], [0x15, 0x07], [0x0A, 0x00, 0x00], [0x01, 0x02, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x08], [0x43, 0x00],
        [0x00, 0x01], [0x10], [0x20], [0x30], [0x40], [0x50], [0x60], [0x70],
    ];

    public string Run(ReadOnlyMemory<byte> input)
    {
        KeyOpening opening = Open(input.Span, own: false);
        FuzzTargets.Require(opening.IsOpened == opening.Key is not null, "a key exactly where the message is opened");
        FuzzTargets.Require(
            !opening.IsOpened || _signing.Authority.Verify(Uid(InitiatorUri), opening.Message.SignedOctets.Span, opening.Message.Signature.Value.Span),
            "nothing opens without the initiator's signature");
        opening.Key?.Dispose();
        if (opening.Result == KeyOpenResult.Malformed)
        {
            return $"{opening.FormatReason}";
        }

        byte[] signed = input.ToArray();
        _signing.Sign(signed.AsSpan(0, signed.Length - SignatureSize), signed.AsSpan(signed.Length - SignatureSize));
        return $"{opening.Result} {Again(signed, own: false)} {Again(signed, own: true)}";
    }

    /// <summary>The seeds of the corpus: every purpose with everything that its message may carry, and hidden.</summary>
    public IEnumerable<(string Name, byte[] Octets)> MakeSeeds()
    {
        MikeySender sender = new() { SigningKey = _signing, Uri = InitiatorUri, KmsUri = KmsUri, Domain = _domain };
        MikeyRecipient recipient = new(ReceiverUri, KmsUri, _domain, Uid(ReceiverUri));
        foreach (KeyDistribution distribution in KeyDistribution.All)
        {
            using MikeyKey key = MikeyKey.Generate(distribution.Purpose);
            KeyParameters parameters = new(distribution.Purpose)
            {
                Text = "name",
                Expiry = Now.AddDays(1),
                GroupIds = distribution.HasGroups ? ["sip:g@example.org"] : [],
            };
            KeyMessageOptions all = new() { Sessions = distribution.Sessions, Parameters = parameters, SakkeToSelf = true };
            KeyMessageOptions hidden = new() { HideIdentities = true, IncludeSecurityPolicy = false };
            yield return ($"{distribution}-all", KeyMessage.Create(distribution, key, sender, recipient, Now, all));
            yield return ($"{distribution}-hidden", KeyMessage.Create(distribution, key, sender, recipient, Now, hidden));
        }
    }

    private static byte[] Uid(string uri) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(uri));

    private string Again(byte[] signed, bool own)
    {
        KeyOpening opening = Open(signed, own);
        using (opening.Key)
        {
            FuzzTargets.Require(
                opening.Parameters is null || opening.Parameters.KeyType == opening.Key!.Purpose, "parameters are those of the key's purpose");
            FuzzTargets.Require(
                !opening.IsOpened || own || opening.Claims.CsbId == opening.Key.IdFor(ReceiverUri), "the identifier is the receiver's own");
            return $"{opening.Result} {opening.Parameters is not null} {opening.TolerancesUsed}";
        }
    }

    private KeyOpening Open(ReadOnlySpan<byte> octets, bool own) => KeyMessage.Open(octets, new KeyReceiver
    {
        Uri = own ? InitiatorUri : ReceiverUri,
        Expects = [.. KeyDistribution.All.DistinctBy(d => d.Purpose)],
        IsDomainAllowed = _ => true,
        ResolveInitiator = claims => InitiatorResolution.Of(new InitiatorKey(_signing.Authority, Uid(InitiatorUri))),
        FindReceiverKeys = _ => [own ? new ReceiverKey(_own, Uid(InitiatorUri)) : new ReceiverKey(_receiving, Uid(ReceiverUri))],
        ReplayCache = new MikeyReplayCache(new FixedClock()),
        AcceptsHiddenIdentities = true,
        OpensOwnMessages = own,
        Tolerances = MikeyTolerances.SignatureLengthAsPrinted | MikeyTolerances.KeyParametersInClear | MikeyTolerances.SrtpIdMap,
    });

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}

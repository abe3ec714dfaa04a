using Watchword.Cli.Diagnosis;
using Watchword.Cryptography;
using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Cli.Tests.Messages;

/// <summary>A security domain with real master keys, which makes messages as a peer does, also faulty ones.</summary>
internal sealed class KeyedDomain
{
    public static readonly DateTimeOffset T = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<EccsiMasterKey> FirstSigning = new(EccsiMasterKey.Generate);
    private static readonly Lazy<SakkeMasterKey> FirstReceiving = new(SakkeMasterKey.Generate);
    private static readonly Lazy<EccsiMasterKey> SecondSigning = new(EccsiMasterKey.Generate);
    private static readonly Lazy<SakkeMasterKey> SecondReceiving = new(SakkeMasterKey.Generate);

    private readonly EccsiMasterKey signing;
    private readonly SakkeMasterKey receiving;

    private KeyedDomain(string kmsUri, EccsiMasterKey signing, SakkeMasterKey receiving)
    {
        (this.signing, this.receiving) = (signing, receiving);
        Certificate = new KmsCertificate
        {
            Role = KmsCertificateRole.Root,
            KmsUri = kmsUri,
            Schedule = new KeyPeriodSchedule(2_592_000, 86_400),
            PublicAuthenticationKey = signing.PublicKey,
            PublicEncryptionKey = receiving.PublicKey,
        };
    }

    public static KeyedDomain Home { get; } = new("kms.example.org", FirstSigning.Value, FirstReceiving.Value);

    public static KeyedDomain Partner { get; } = new("kms.example.net", SecondSigning.Value, SecondReceiving.Value);

    public KmsCertificate Certificate { get; }

    public long PeriodAt(DateTimeOffset time) => Certificate.PeriodAt(time).Number;

    public EccsiSigningKey SigningKey(ReadOnlySpan<byte> identity) => signing.IssueSigningKey(identity);

    public EccsiSigningKey SigningKey(string uri, int distance = 0) =>
        signing.IssueSigningKey(Certificate.UserIdFor(uri, PeriodAt(T) + distance).Octets);

    public MikeyRecipient Recipient(string uri, int distance = 0) => new(
        uri,
        Certificate.KmsUri,
        Certificate.PublicEncryptionKey,
        Certificate.UserIdFor(uri, PeriodAt(T) + distance).Octets.ToArray());

    public OwnKey Own(string uri, int distance = 0)
    {
        UserId uid = Certificate.UserIdFor(uri, PeriodAt(T) + distance);
        return OwnKey.Of(Certificate, uri, PeriodAt(T) + distance, () => receiving.IssueReceiverKey(uid.Octets));
    }

    /// <summary>The message that hands out a key of some purpose, in order.</summary>
    public byte[] Message(
        KeyDistribution distribution,
        string from,
        MikeyRecipient to,
        KeyMessageOptions? options = null,
        DateTimeOffset? time = null,
        MikeyKey? key = null)
    {
        using EccsiSigningKey signer = SigningKey(from);
        using MikeyKey made = MikeyKey.Generate(distribution.Purpose);
        MikeySender sender = new()
        {
            SigningKey = signer, Uri = from, KmsUri = Certificate.KmsUri, Domain = Certificate.PublicEncryptionKey,
        };
        return KeyMessage.Create(distribution, key ?? made, sender, to, time ?? T, options);
    }

    /// <summary>Changes a message and signs it anew, as a sender would that makes it so.</summary>
    public byte[] SignedAnew(byte[] message, string from, Func<byte[], byte[]> signed, int distance = 0) =>
        SignedAnew(message, Certificate.UserIdFor(from, PeriodAt(T) + distance).Octets, signed);

    /// <summary>As before, with any identity.</summary>
    public byte[] SignedAnew(byte[] message, ReadOnlySpan<byte> identity, Func<byte[], byte[]> signed)
    {
        using EccsiSigningKey signer = SigningKey(identity);
        byte[] result = [.. message];
        signer.Sign(
            signed(result[..^MikeySignature.ValueSizeInBytes]), result.AsSpan(result.Length - MikeySignature.ValueSizeInBytes));
        return result;
    }
}

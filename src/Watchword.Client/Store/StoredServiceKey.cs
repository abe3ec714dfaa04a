using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>A service key in the store; without its octets once it is revoked or has ended.</summary>
internal sealed class StoredServiceKey : IDisposable
{
    /// <summary>The groups of one key take no more than this: together with the number of keys it bounds the file.</summary>
    public const int MaxGroupOctets = 4096;

    private const int MaxTextLength = 256;
    private readonly PinnedSecret? _secret;
    private readonly byte[] _random;

    private StoredServiceKey(ServiceKeyInfo info, PinnedSecret? secret, byte[] random)
    {
        Info = info;
        _secret = secret;
        _random = random;
    }

    public ServiceKeyInfo Info { get; }

    public bool HasKey => _secret is not null;

    /// <summary>Copies a key.</summary>
    public static StoredServiceKey From(ServiceKeyInfo info, MikeyKey key)
    {
        PinnedSecret secret = new(MikeyKey.SecretSizeInBytes);
        key.ExportSecret(secret.Span);
        return new StoredServiceKey(Cut(info) with { UserKeyId = key.IdFor(info.OwnerUri) }, secret, key.Random.ToArray());
    }

    /// <summary>What stays of a key when its octets are wiped.</summary>
    public static StoredServiceKey WithoutKey(ServiceKeyInfo info) => new(Cut(info) with { UserKeyId = null }, null, []);

    /// <summary>The same key with other facts.</summary>
    public StoredServiceKey With(ServiceKeyInfo info) =>
        new(info with { UserKeyId = Info.UserKeyId }, _secret is null ? null : new PinnedSecret(_secret.Span), _random);

    public bool HasSameKey(StoredServiceKey other) => _secret is not null && other._secret is not null
        && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(_secret.Span, other._secret.Span);

    /// <summary>The key, which the caller disposes.</summary>
    public MikeyKey ToKey() => MikeyKey.Import(Info.KeyId, _secret!.Span, _random);

    public void WriteTo(StoreWriter writer)
    {
        writer.Text(Info.OwnerUri);
        writer.Number(Info.KeyId);
        writer.Number(Info.UserKeyId ?? -1L);
        writer.Text(Info.InitiatorUri);
        writer.Text(Info.InitiatorKmsUri);
        writer.Text(Info.PeerUri);
        writer.List(Info.GroupIds, writer.Text);
        writer.Text(Info.Text);
        writer.Time(Info.MessageTime);
        writer.Time(Info.Activation);
        writer.Time(Info.Expiry);
        writer.Number((long)Info.Status);
        writer.Time(Info.RevokedAt);
        writer.Time(Info.ReceivedAt);
        writer.Octets(_secret is null ? [] : _secret.Span);
        writer.Octets(_random);
    }

    /// <exception cref="FormatException">It is no service key.</exception>
    public static StoredServiceKey Read(StoreReader reader)
    {
        string ownerUri = reader.Text();
        uint keyId = Id(reader.Number()) ?? throw new FormatException("A key has no identifier.");
        uint? userKeyId = Id(reader.Number());
        (string initiator, string kms, string? peer) = (reader.Text(), reader.Text(), reader.TextOrNull());
        List<string> groups = [];
        reader.List(() => groups.Add(reader.Text()));
        ServiceKeyInfo info = new()
        {
            OwnerUri = ownerUri,
            KeyId = keyId,
            UserKeyId = userKeyId,
            InitiatorUri = initiator,
            InitiatorKmsUri = kms,
            PeerUri = peer,
            GroupIds = groups.AsReadOnly(),
            Text = reader.Text(),
            MessageTime = reader.Time(),
            Activation = reader.Time(),
            Expiry = reader.TimeOrNull(),
            Status = (KeyStatus)reader.Number(),
            RevokedAt = reader.TimeOrNull(),
            ReceivedAt = reader.Time(),
        };
        ReadOnlySpan<byte> secret = reader.Octets();
        ReadOnlySpan<byte> random = reader.Octets();
        bool isKey = secret.Length == MikeyKey.SecretSizeInBytes && random.Length is >= 16 and <= byte.MaxValue
            && userKeyId is not null && !info.IsRevoked;
        bool isWiped = secret.IsEmpty && random.IsEmpty && userKeyId is null;
        if (UserKeyId.PurposeOf(keyId) > KeyPurpose.Musik || !(isKey || isWiped))
        {
            throw new FormatException("A service key has another form.");
        }

        return new StoredServiceKey(info, isKey ? new PinnedSecret(secret) : null, random.ToArray());
    }

    public void Dispose() => _secret?.Dispose();

    private static ServiceKeyInfo Cut(ServiceKeyInfo info) =>
        info.Text.Length > MaxTextLength ? info with { Text = info.Text[..MaxTextLength] } : info;

    private static uint? Id(long number) => number switch
    {
        -1 => null,
        >= 0 and <= uint.MaxValue => (uint)number,
        _ => throw new FormatException("A key identifier is out of range."),
    };
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>An access token kept until it ends.</summary>
internal sealed record CachedAccessToken(string Target, AccessToken Token);

/// <summary>A message that was opened, until its time leaves the freshness window.</summary>
internal sealed record OpenedMessage(byte[] Digest, DateTimeOffset ForgetAfter)
{
    /// <summary>What a replay would repeat: initiator UID, CSB ID, T and RAND (RFC 3830 §5.4).</summary>
    public static OpenedMessage Of(KeyOpening opening)
    {
        byte[] numbers = new byte[sizeof(uint) + sizeof(ulong)];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, opening.Claims!.CsbId);
        BinaryPrimitives.WriteInt64BigEndian(numbers.AsSpan(sizeof(uint)), opening.Claims.Time.UtcTicks);
        byte[] digest = SHA256.HashData([.. opening.Initiator!.Uid.Span, .. numbers, .. opening.Key!.Random.Span]);
        return new OpenedMessage(digest, opening.Claims.Time + MikeyReplayCache.DefaultFreshnessWindow);
    }
}

/// <summary>What a store holds, in memory and as octets.</summary>
internal sealed partial class StoreContent : IDisposable
{
    /// <summary>
    /// Version 2 added what follows the opened messages, version 3 the generation and the service keys; an older store opens and
    /// is written as version 3.
    /// </summary>
    private const long Version = 3;

    public ClientIdentity? Identity { get; set; }

    public TokenSet? Tokens { get; set; }

    public string? KmsUri { get; set; }

    public List<CachedAccessToken> AccessTokens { get; } = [];

    public List<StoredCertificate> Certificates { get; } = [];

    public List<StoredKeySet> KeySets { get; } = [];

    public List<OpenedMessage> OpenedMessages { get; } = [];

    /// <summary>
    /// The newest certificate of the home KMS: the list is in the order of arrival, whatever the clock did meanwhile.
    /// </summary>
    public StoredCertificate? Root =>
        Certificates.LastOrDefault(c => c.Certificate.Role == KmsCertificateRole.Root && !c.IsAnnounced);

    public StoredCertificate? CertificateOf(KeySetInfo info) =>
        Certificates.FirstOrDefault(c => info.Certificate.SequenceEqual(c.Fingerprint));

    public void WriteTo(StoreWriter writer)
    {
        writer.Number(Version);
        WriteIdentity(writer, Identity);
        writer.Text(KmsUri);
        writer.Text(Tokens?.RefreshToken);
        writer.Text(Tokens?.IdToken);
        writer.List([.. Tokens?.GrantedScopes ?? new HashSet<string>()], writer.Text);
        writer.List(AccessTokens, t =>
        {
            writer.Text(t.Target);
            writer.Text(t.Token.Reveal());
            writer.List([.. t.Token.Scopes], writer.Text);
            writer.Time(t.Token.ExpiresAt);
        });
        writer.List(Certificates, c =>
        {
            writer.Time(c.ReceivedAt);
            writer.Octets(c.ToOctets());
        });
        writer.List(KeySets, k => WriteKeySet(writer, k));
        writer.List(OpenedMessages, m =>
        {
            writer.Octets(m.Digest);
            writer.Time(m.ForgetAfter);
        });
        WriteSecondVersion(writer);
        WriteThirdVersion(writer);
    }

    /// <exception cref="FormatException">The octets are not those of a store.</exception>
    /// <exception cref="WatchwordClientException"><see cref="ClientFault.StoreVersionUnknown"/>.</exception>
    public static StoreContent Read(StoreReader reader)
    {
        StoreContent content = new();
        try
        {
            content.ReadFrom(reader);
            return content;
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (StoredKeySet keySet in KeySets)
        {
            keySet.Dispose();
        }

        foreach (StoredTransportKeys keys in TransportKeys)
        {
            keys.Dispose();
        }

        foreach (StoredServiceKey key in ServiceKeys)
        {
            key.Dispose();
        }

        KeySets.Clear();
        ServiceKeys.Clear();
        TransportKeys.Clear();
        AccessTokens.Clear();
        Tokens = null;
    }

    private void ReadFrom(StoreReader reader)
    {
        long version = reader.Number();
        if (version is < 1 or > Version)
        {
            throw version > Version
                ? new WatchwordClientException(ClientFault.StoreVersionUnknown, $"content version {version}")
                : new FormatException("The content has another version.");
        }

        Identity = ReadIdentity(reader);
        KmsUri = reader.TextOrNull();
        ReadTokens(reader);
        reader.List(() =>
        {
            string target = reader.Text();
            string value = reader.Text();
            HashSet<string> scopes = ReadScopes(reader);
            AccessTokens.Add(new CachedAccessToken(target, new AccessToken(value, scopes, reader.Time())));
        });
        reader.List(() =>
        {
            DateTimeOffset receivedAt = reader.Time();
            Certificates.Add(StoredCertificate.FromOctets(reader.Octets().ToArray(), receivedAt));
        });
        reader.List(() => KeySets.Add(ReadKeySet(reader)));
        reader.List(() => OpenedMessages.Add(new OpenedMessage(reader.Octets().ToArray(), reader.Time())));
        if (version >= 2)
        {
            ReadSecondVersion(reader);
        }

        if (version >= 3)
        {
            ReadThirdVersion(reader);
        }

        reader.End();
    }

    private void ReadTokens(StoreReader reader)
    {
        string? refreshToken = reader.TextOrNull();
        string? idToken = reader.TextOrNull();
        HashSet<string> granted = ReadScopes(reader);
        Tokens = refreshToken is not null && idToken is not null && Identity is not null
            ? new TokenSet(Identity, refreshToken, idToken, granted)
            : null;
    }

    private static HashSet<string> ReadScopes(StoreReader reader)
    {
        HashSet<string> scopes = new(StringComparer.Ordinal);
        reader.List(() => scopes.Add(reader.Text()));
        return scopes;
    }

    private static void WriteIdentity(StoreWriter writer, ClientIdentity? identity)
    {
        writer.Text(identity?.Issuer);
        if (identity is null)
        {
            return;
        }

        writer.Text(identity.Subject);
        writer.Text(identity.ClientId);
        writer.Text(identity.EntityUri);
        writer.List([.. identity.ServiceIds], pair =>
        {
            writer.Number((long)pair.Key);
            writer.Text(pair.Value);
        });
    }

    private static ClientIdentity? ReadIdentity(StoreReader reader)
    {
        if (reader.TextOrNull() is not { Length: > 0 } issuer)
        {
            return null;
        }

        string subject = NotEmpty(reader.Text());
        string clientId = NotEmpty(reader.Text());
        string? entityUri = reader.TextOrNull();
        Dictionary<McService, string> serviceIds = [];
        reader.List(() =>
        {
            McService service = (McService)reader.Number();
            if (!Enum.IsDefined(service) || !serviceIds.TryAdd(service, NotEmpty(reader.Text())))
            {
                throw new FormatException("An MC service ID is out of place.");
            }
        });
        return new ClientIdentity(issuer, subject, clientId, serviceIds, entityUri);
    }

    private static string NotEmpty(string text) => text.Length > 0 ? text : throw new FormatException("A text is empty.");

    private static void WriteKeySet(StoreWriter writer, StoredKeySet keySet)
    {
        writer.Octets(keySet.Info.Certificate);
        writer.Text(keySet.Info.UserUri);
        writer.Number(keySet.Info.Period.Number);
        writer.Octets(keySet.Info.UserId.Octets);
        writer.Time(keySet.Info.ReceivedAt);
        writer.Octets(keySet.Keys);
    }

    private StoredKeySet ReadKeySet(StoreReader reader)
    {
        byte[] fingerprint = reader.Octets().ToArray();
        StoredCertificate certificate = Certificates.FirstOrDefault(c => c.Fingerprint.AsSpan().SequenceEqual(fingerprint))
            ?? throw new FormatException("A key set has no KMS certificate.");
        string userUri = NotEmpty(reader.Text());
        if (!certificate.Certificate.Schedule.TryFromNumber(reader.Number(), out KeyPeriod period))
        {
            throw new FormatException("A key period does not exist.");
        }

        ReadOnlySpan<byte> userId = reader.Octets();
        if (userId.Length != UserId.SizeInBytes)
        {
            throw new FormatException("A UID has another length.");
        }

        UserId uid = UserId.FromOctets(userId);
        DateTimeOffset receivedAt = reader.Time();
        ReadOnlySpan<byte> keys = reader.Octets();
        if (keys.Length != StoredKeySet.KeysLength)
        {
            throw new FormatException("A key set has another length.");
        }

        KeySetInfo info = new(userUri, certificate.Certificate.KmsUri, period, uid, receivedAt, certificate.Fingerprint);
        return new StoredKeySet(info, new PinnedSecret(keys));
    }
}

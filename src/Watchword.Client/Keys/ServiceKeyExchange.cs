using System.Globalization;
using Watchword.Identity;
using Watchword.KeyManagement;
using Watchword.Mikey;

namespace Watchword.Client;

/// <summary>
/// Makes service keys and the messages that hand them out, and takes them from messages, with the keys of a profile; what was
/// made or taken is in the <see cref="KeyStore"/> (TS 33.180 5.2, 5.4 to 5.8). The steps are those of docs/flows/service-keys.md.
/// </summary>
/// <remarks>Threads may share it.</remarks>
/// <param name="store">The profile.</param>
/// <param name="time">The clock.</param>
/// <param name="options">Whom keys are taken from.</param>
public sealed partial class ServiceKeyExchange(KeyStore store, TimeProvider time, ServiceKeyExchangeOptions options)
{
    /// <summary>Makes a GMK for a group; each member gets a message under a GUK-ID of his own (TS 33.180 5.7).</summary>
    /// <param name="groupId">The MC group ID.</param>
    /// <param name="memberUris">The members' MC service IDs, octet by octet as provisioned.</param>
    /// <param name="terms">When it is used; its groups are ignored. Null for now and for ever.</param>
    /// <exception cref="WatchwordClientException">As for <see cref="Create"/>.</exception>
    public MadeServiceKey CreateGroupKey(string groupId, IReadOnlyList<string> memberUris, ServiceKeyTerms? terms = null) =>
        Create(KeyDistribution.Gmk, memberUris, (terms ?? new ServiceKeyTerms()) with { GroupIds = [groupId] });

    /// <summary>Makes a CSK and the message that the client sends with its service authorisation (TS 33.180 5.4).</summary>
    /// <param name="serverUri">The MDSI.</param>
    /// <param name="service">Which identity of the user.</param>
    /// <exception cref="WatchwordClientException">As for <see cref="Create"/>.</exception>
    public MadeServiceKey UploadCsk(string serverUri, McService service = McService.Mcptt) =>
        Create(KeyDistribution.CskUpload, [serverUri], new ServiceKeyTerms { Service = service });

    /// <summary>Makes a key of any purpose, keeps it, and makes the messages.</summary>
    /// <param name="distribution">What it is for and who hands it to whom.</param>
    /// <param name="receiverUris">The receivers, octet by octet as provisioned; one for a CSK, SPK or PCK.</param>
    /// <param name="terms">What it is for; null for now and for ever.</param>
    /// <exception cref="ArgumentException">
    /// No receiver, or several of a key of two; groups, text or sessions that do not fit.
    /// </exception>
    /// <exception cref="WatchwordClientException">
    /// <see cref="ClientFault.NotLoggedIn"/>, <see cref="ClientFault.NotInitialized"/>, <see cref="ClientFault.DomainUnknown"/>,
    /// <see cref="ClientFault.KmsCertificateUnusable"/>, <see cref="ClientFault.NoUsableKeySet"/>,
    /// <see cref="ClientFault.IdentityNotOwned"/>, <see cref="ClientFault.UriMalformed"/>,
    /// <see cref="ClientFault.ServiceKeysFull"/>, <see cref="ClientFault.StoreNotWritten"/>.
    /// </exception>
    public MadeServiceKey Create(KeyDistribution distribution, IReadOnlyList<string> receiverUris, ServiceKeyTerms? terms = null)
    {
        terms ??= new ServiceKeyTerms();
        string owner = Initiator(distribution, terms.Service);
        using MikeyKey key = Generate(distribution.Purpose);
        return Send(distribution, key, owner, receiverUris, terms, time.GetUtcNow(), isRevoked: false);
    }

    /// <summary>
    /// Hands a key that this profile made to one more receiver, such as a member who joined, or says of it anew when it expires.
    /// </summary>
    /// <param name="key">The key; groups, activation and name stay where <paramref name="terms"/> is null.</param>
    /// <param name="receiverUris">The receivers.</param>
    /// <param name="terms">Other terms.</param>
    /// <exception cref="WatchwordClientException">As for <see cref="Create"/>, and <see cref="ClientFault.ServiceKeyNotFound"/>,
    /// <see cref="ClientFault.ServiceKeyEnded"/>.</exception>
    public MadeServiceKey Repeat(ServiceKeyInfo key, IReadOnlyList<string> receiverUris, ServiceKeyTerms? terms = null)
    {
        using MikeyKey octets = store.OpenServiceKey(key);
        KeyDistribution distribution = DistributionOf(key);
        terms = WithBeginning(distribution, terms ?? TermsOf(key), key);
        return Send(distribution, octets, key.OwnerUri, receiverUris, terms, time.GetUtcNow(), isRevoked: false);
    }

    /// <summary>
    /// Revokes a key that this profile made, and makes the messages that say so (TS 33.180 5.7): nobody who gets one uses it
    /// again.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="receiverUris">Those who hold it.</param>
    /// <exception cref="WatchwordClientException">As for <see cref="Repeat"/>.</exception>
    public MadeServiceKey Revoke(ServiceKeyInfo key, IReadOnlyList<string> receiverUris)
    {
        using MikeyKey octets = store.OpenServiceKey(key);
        KeyDistribution distribution = DistributionOf(key);
        ServiceKeyTerms terms = WithBeginning(distribution, TermsOf(key), key);
        return Send(distribution, octets, key.OwnerUri, receiverUris, terms, time.GetUtcNow(), isRevoked: true);
    }

    /// <summary>
    /// To who hears of a group's key late, T is not when it began: one that gave way meanwhile, or was revoked, would seem the newest.
    /// </summary>
    private static ServiceKeyTerms WithBeginning(KeyDistribution distribution, ServiceKeyTerms terms, ServiceKeyInfo key) =>
        distribution.HasGroups ? terms with { Activation = terms.Activation ?? key.Activation } : terms;

    private MadeServiceKey Send(
        KeyDistribution distribution, MikeyKey key, string owner, IReadOnlyList<string> receiverUris, ServiceKeyTerms terms,
        DateTimeOffset now, bool isRevoked)
    {
        MadeServiceKey made = Make(distribution, key, owner, receiverUris, terms, now, isRevoked);
        // Kept before any message leaves: what others hold under this profile's name, this profile knows of.
        (ServiceKeyInfo kept, _) = store.KeepServiceKey(made.Key, key, isRevoked, opened: null);
        return made with { Key = kept };
    }

    private MadeServiceKey Make(
        KeyDistribution distribution, MikeyKey key, string owner, IReadOnlyList<string> receiverUris, ServiceKeyTerms terms,
        DateTimeOffset now, bool isRevoked)
    {
        bool isForOne = distribution.Purpose is KeyPurpose.Csk or KeyPurpose.Spk or KeyPurpose.Pck;
        bool hasForeignGroups = terms.GroupIds.Count > 0 && !distribution.HasGroups;
        if (receiverUris.Count == 0 || (isForOne && receiverUris.Count > 1) || hasForeignGroups)
        {
            throw new ArgumentException("A key for nobody, or a key of two for many or with groups.", nameof(receiverUris));
        }

        StoredCertificate root = store.RootAt(now) ?? throw new WatchwordClientException(
            store.Root is null ? ClientFault.NotInitialized : ClientFault.KmsCertificateUnusable);
        KmsCertificate domain = root.Certificate;
        MikeyRecipient[] recipients = [.. receiverUris.Select(uri => Recipient(distribution, uri, terms.ReceiverKmsUri, domain, now))];
        long period = domain.PeriodAt(now).Number;
        using UnlockedKeySet own = store.Unlock(owner, period, root)
            ?? throw new WatchwordClientException(
                ClientFault.NoUsableKeySet, string.Create(CultureInfo.InvariantCulture, $"{owner}, period {period}"));
        MikeySender sender = new()
        {
            SigningKey = own.SigningKey,
            Uri = owner,
            KmsUri = domain.KmsUri,
            Domain = domain.PublicEncryptionKey,
        };
        KeyParameters parameters = Parameters(distribution, terms, isRevoked);
        KeyMessageOptions carried = Options(terms, SaysSomething(distribution, terms) || isRevoked ? parameters : null);
        byte[][] messages = KeyMessage.CreateAll(
            distribution, key, sender, recipients, now, carried, options.MaxDegreeOfParallelism);
        ServiceKeyInfo info = new()
        {
            OwnerUri = owner,
            KeyId = key.KeyId,
            InitiatorUri = owner,
            InitiatorKmsUri = domain.KmsUri,
            PeerUri = receiverUris.Count == 1 && terms.GroupIds.Count == 0 ? receiverUris[0] : null,
            GroupIds = terms.GroupIds,
            Text = terms.Text,
            MessageTime = now,
            Activation = parameters.Activation ?? now,
            Expiry = parameters.Expiry,
            Status = parameters.Status,
            ReceivedAt = now,
        };
        return new MadeServiceKey(info, [.. messages.Select((octets, i) => new ServiceKeyMessage(receiverUris[i], octets))]);
    }

    private MikeyRecipient Recipient(
        KeyDistribution distribution, string uri, string? kmsUri, KmsCertificate home, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(uri) || (distribution.Receiver == KeyEntity.Client && !McServiceId.IsValid(uri)))
        {
            throw new WatchwordClientException(ClientFault.UriMalformed, "receiver");
        }

        KmsCertificate domain = ReceiverDomain.Find(store, uri, kmsUri, home, now);
        return new MikeyRecipient(
            uri, domain.KmsUri, domain.PublicEncryptionKey, domain.UserIdFor(uri, domain.PeriodAt(now).Number).Octets.ToArray());
    }

    private static KeyParameters Parameters(KeyDistribution distribution, ServiceKeyTerms terms, bool isRevoked) =>
        new(distribution.Purpose)
        {
            GroupIds = terms.GroupIds,
            Activation = InSeconds(terms.Activation),
            Expiry = InSeconds(terms.Expiry),
            Text = terms.Text,
            Status = (isRevoked ? KeyStatus.None : KeyStatus.NotRevoked)
                | (terms.SharedWithSecurityGateway ? KeyStatus.SharedWithSecurityGateway : KeyStatus.None),
        };

    // A key of two that says nothing of itself goes without parameters, as deployed peers send it.
    private static bool SaysSomething(KeyDistribution distribution, ServiceKeyTerms terms) =>
        distribution.HasGroups || terms.Activation is not null || terms.Expiry is not null || terms.Text.Length > 0
        || terms.SharedWithSecurityGateway;

    private static KeyMessageOptions Options(ServiceKeyTerms terms, KeyParameters? parameters) => new()
    {
        Sessions = terms.Sessions,
        SakkeToSelf = terms.SakkeToSelf,
        HideIdentities = terms.HideIdentities,
        Parameters = parameters,
    };

    private static DateTimeOffset? InSeconds(DateTimeOffset? at) =>
        at is { } given ? DateTimeOffset.FromUnixTimeSeconds(given.ToUnixTimeSeconds()) : null;

    private static ServiceKeyTerms TermsOf(ServiceKeyInfo key) => new()
    {
        GroupIds = key.GroupIds,
        Activation = key.Activation == key.MessageTime ? null : key.Activation,
        Expiry = key.Expiry,
        Text = key.Text,
        SharedWithSecurityGateway = key.Status.HasFlag(KeyStatus.SharedWithSecurityGateway),
    };

    private MikeyKey Generate(KeyPurpose purpose)
    {
        while (true)
        {
            MikeyKey key = MikeyKey.Generate(purpose);
            if (store.ServiceKeys.All(held => held.KeyId != key.KeyId))
            {
                return key;
            }

            key.Dispose();
        }
    }

    private KeyDistribution DistributionOf(ServiceKeyInfo key) => key.IsOwn
        ? KeyDistribution.All.First(d => d.Purpose == key.Purpose && (d.Initiator == KeyEntity.Client) == IsUser)
        : throw new WatchwordClientException(ClientFault.IdentityNotOwned, "the key was made by another");

    private string Initiator(KeyDistribution distribution, McService service)
    {
        string? uri = distribution.Initiator == KeyEntity.Client
            ? Identity.ServiceIds.GetValueOrDefault(service)
            : Identity.EntityUri;
        return uri ?? throw new WatchwordClientException(ClientFault.IdentityNotOwned, $"no {distribution.Initiator}");
    }

    private ClientIdentity Identity => store.Identity ?? throw new WatchwordClientException(ClientFault.NotLoggedIn);

    private bool IsUser => Identity.EntityUri is null;
}

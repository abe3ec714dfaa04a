namespace Watchword.Client;

/// <content>What others of this library ask about domains and time.</content>
public sealed partial class ServiceKeyExchange
{
    internal DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The KMS of this profile; null before it has a certificate.</summary>
    internal string? HomeKmsUri => store.Root?.Certificate.KmsUri;

    /// <summary>Whether a key can be encrypted for a receiver of this KMS now.</summary>
    internal bool CanEncryptFor(string kmsUri) => FindReceiverKms(string.Empty, kmsUri) is not null;

    /// <summary>The KMS that a message to a receiver is encrypted for; null if its certificate is not there.</summary>
    /// <param name="uri">The receiver.</param>
    /// <param name="kmsUri">His KMS; null for what is known of him.</param>
    internal string? FindReceiverKms(string uri, string? kmsUri)
    {
        if (store.RootAt(Now) is not { } root)
        {
            return null;
        }

        try
        {
            return ReceiverDomain.Find(store, uri, kmsUri, root.Certificate, Now).KmsUri;
        }
        catch (WatchwordClientException e) when (e.Fault is ClientFault.DomainUnknown or ClientFault.KmsCertificateUnusable)
        {
            return null;
        }
    }
}

using Watchword.Client;
using Watchword.Mikey;

namespace Watchword.ResourceServers.GroupManagement.Keys;

/// <summary>
/// Makes, repeats and revokes GMKs with the keys of this group management server (TS 33.180 5.7): the octets of a GMK are nowhere but
/// in the server's key store, which is encrypted; what goes out is encrypted to one member and signed under the GMS URI.
/// </summary>
/// <remarks>
/// Each member's message is made when it is sent or fetched: a receiver refuses what is older than his freshness window. A
/// message for a member whose domain is not known here fails for him alone.
/// </remarks>
internal sealed class GroupKeyMaker(KeyStore store, ServiceKeyExchange exchange)
{
    /// <summary>The usable GMK of a group with this identifier; null if the store has none.</summary>
    public ServiceKeyInfo? Find(string groupUri, uint keyId) => store.ServiceKeys.FirstOrDefault(
        // Without the server's own identifier the octets are gone.
        key => key.KeyId == keyId && IsOf(key, groupUri) && key.IsOwn && key.UserKeyId is not null);

    /// <summary>Makes a GMK for a group; nobody has it yet.</summary>
    /// <param name="groupUri">The MC group ID.</param>
    /// <param name="members">Whom it will be for; at least one whose domain is known.</param>
    /// <exception cref="WatchwordClientException">As for <see cref="ServiceKeyExchange.Create"/>.</exception>
    public ServiceKeyInfo Make(string groupUri, IReadOnlyCollection<string> members)
    {
        foreach (string member in members)
        {
            try
            {
                // The message that comes with it is not used: those that are sent are made when they are sent.
                return exchange.CreateGroupKey(groupUri, [member]).Key;
            }
            catch (WatchwordClientException unknown) when (IsOfReceiver(unknown.Fault))
            {
                // Another member's domain may be known.
            }
        }

        throw new WatchwordClientException(ClientFault.DomainUnknown, "no member's domain is known");
    }

    /// <summary>Fresh messages with a key, one for each member whose domain is known.</summary>
    public IReadOnlyList<ServiceKeyMessage> Repeat(ServiceKeyInfo key, IReadOnlyCollection<string> members) =>
        ForEach(members, receivers => exchange.Repeat(key, receivers));

    /// <summary>Revokes a key and makes the messages that say so. Afterwards its octets are gone here too.</summary>
    /// <param name="key">The key.</param>
    /// <param name="holders">Who is told; may be nobody.</param>
    public IReadOnlyList<ServiceKeyMessage> Revoke(ServiceKeyInfo key, IReadOnlyCollection<string> holders)
    {
        // After the first message the store has no octets for a second one, so those whom nobody can reach are left out before.
        string[] reachable = [.. Repeat(key, holders).Select(message => message.ReceiverUri)];
        if (reachable.Length > 0)
        {
            return exchange.Revoke(key, reachable).Messages;
        }

        _ = store.RevokeServiceKey(key);
        return [];
    }

    /// <summary>
    /// Forgets keys of a group that nobody was ever given: the remains of a crash between the key store and the database.
    /// </summary>
    /// <param name="groupUri">The MC group ID.</param>
    /// <param name="known">The identifiers that the database knows of this group, also earlier ones.</param>
    public int ForgetOthers(string groupUri, IReadOnlySet<uint> known)
    {
        ServiceKeyInfo[] others =
            [.. store.ServiceKeys.Where(key => IsOf(key, groupUri) && key.IsOwn && !key.IsRevoked && !known.Contains(key.KeyId))];
        foreach (ServiceKeyInfo key in others)
        {
            store.ForgetServiceKey(key);
        }

        return others.Length;
    }

    private static bool IsOf(ServiceKeyInfo key, string groupUri) =>
        key.Purpose == KeyPurpose.Gmk && key.GroupIds.Contains(groupUri, StringComparer.Ordinal);

    private static bool IsOfReceiver(ClientFault fault) =>
        fault is ClientFault.DomainUnknown or ClientFault.UriMalformed or ClientFault.KmsCertificateUnusable;

    private static List<ServiceKeyMessage> ForEach(
        IReadOnlyCollection<string> members, Func<IReadOnlyList<string>, MadeServiceKey> make)
    {
        if (members.Count == 0)
        {
            return [];
        }

        try
        {
            return [.. make([.. members]).Messages];
        }
        catch (WatchwordClientException unknown) when (IsOfReceiver(unknown.Fault))
        {
            List<ServiceKeyMessage> made = [];
            foreach (string member in members)
            {
                try
                {
                    made.AddRange(make([member]).Messages);
                }
                catch (WatchwordClientException his) when (IsOfReceiver(his.Fault))
                {
                    // He gets nothing until his domain is known; the others do not wait for that.
                }
            }

            return made;
        }
    }
}

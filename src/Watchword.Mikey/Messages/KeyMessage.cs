using System.Runtime.ExceptionServices;
using Watchword.Cryptography;

namespace Watchword.Mikey;

/// <summary>
/// The messages that hand out keys (TS 33.180 5.2.2 and Annex E): an I_MESSAGE with the key encapsulated to the receiver (SAKKE)
/// and the sender's signature (ECCSI), for every <see cref="KeyDistribution"/>. The steps are those of docs/flows/key-message.md.
/// </summary>
public static class KeyMessage
{
    /// <summary>Makes the message that hands a key to one receiver.</summary>
    /// <param name="distribution">What the key is for and who hands it to whom.</param>
    /// <param name="key">The key, of that purpose. The caller keeps it.</param>
    /// <param name="sender">Who signs.</param>
    /// <param name="recipient">Whom the key is for.</param>
    /// <param name="time">T, which selects the key periods of both sides; the fraction of a second is kept.</param>
    /// <param name="options">What else the message carries; <see cref="KeyMessageOptions.Default"/> if null.</param>
    /// <returns>The message to send.</returns>
    /// <exception cref="ArgumentException">A key, session or parameters of another purpose; a URI that is empty or not printable;
    /// a UID of another size; SAKKE-to-self without the sender's domain; parameters that do not fit; a time before
    /// 1900.</exception>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    public static byte[] Create(
        KeyDistribution distribution,
        MikeyKey key,
        MikeySender sender,
        MikeyRecipient recipient,
        DateTimeOffset time,
        KeyMessageOptions? options = null)
    {
        KeyMessageCreator creator = new(distribution, key, sender, time, options ?? KeyMessageOptions.Default);
        byte[] encapsulated = new byte[MikeySakke.EncapsulatedSizeInBytes];
        KeyMessageCreator.RequireUid(recipient.Uid.Span);
        recipient.Domain.EncapsulateSecret(recipient.Uid.Span, key.Secret.Span, encapsulated);
        return creator.Create(recipient, encapsulated);
    }

    /// <summary>
    /// Makes the messages that hand one key to many, such as a GMK to the members of a group: one each, all with the same RAND
    /// and T. Encapsulations are made together for each domain (<see cref="SakkePublicKey.EncapsulateSecretToAll"/>),
    /// SAKKE-to-self once.
    /// </summary>
    /// <param name="distribution">What the key is for.</param>
    /// <param name="key">The key. The caller keeps it.</param>
    /// <param name="sender">Who signs.</param>
    /// <param name="recipients">Whom the key is for.</param>
    /// <param name="time">T.</param>
    /// <param name="options">What else the messages carry.</param>
    /// <param name="maxDegreeOfParallelism">How many threads may work; -1 is one for each processor.</param>
    /// <returns>The messages in the order of the recipients.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Create"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number of threads is neither positive nor -1.</exception>
    /// <exception cref="ObjectDisposedException">A key was disposed.</exception>
    public static byte[][] CreateAll(
        KeyDistribution distribution,
        MikeyKey key,
        MikeySender sender,
        IReadOnlyList<MikeyRecipient> recipients,
        DateTimeOffset time,
        KeyMessageOptions? options = null,
        int maxDegreeOfParallelism = 1)
    {
        if (maxDegreeOfParallelism is 0 or < -1)
        {
            throw new ArgumentOutOfRangeException(nameof(maxDegreeOfParallelism));
        }

        KeyMessageCreator creator = new(distribution, key, sender, time, options ?? KeyMessageOptions.Default);
        MikeyRecipient[] all = [.. recipients];
        ReadOnlyMemory<byte>[] encapsulated = Encapsulate(all, key, maxDegreeOfParallelism);
        byte[][] messages = new byte[all.Length][];
        if (maxDegreeOfParallelism == 1)
        {
            for (int i = 0; i < all.Length; i++)
            {
                messages[i] = creator.Create(all[i], encapsulated[i]);
            }

            return messages;
        }

        try
        {
            Parallel.For(
                0,
                all.Length,
                new ParallelOptions { MaxDegreeOfParallelism = maxDegreeOfParallelism },
                i => messages[i] = creator.Create(all[i], encapsulated[i]));
        }
        catch (AggregateException e)
        {
            // The same fault as on one thread, however many threads met it.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        return messages;
    }

    /// <summary>
    /// Opens a message. Nothing changes unless the signature is right: then the message is entered into the replay cache.
    /// </summary>
    /// <param name="message">The octets as received.</param>
    /// <param name="receiver">Who receives, under which rules.</param>
    /// <returns>The key, or the first check that failed.</returns>
    /// <exception cref="ArgumentException">A UID that the receiver's resolvers gave has another size than 32 octets.</exception>
    public static KeyOpening Open(ReadOnlySpan<byte> message, KeyReceiver receiver) => KeyOpener.Open(message, receiver);

    private static ReadOnlyMemory<byte>[] Encapsulate(MikeyRecipient[] recipients, MikeyKey key, int maxDegreeOfParallelism)
    {
        ReadOnlyMemory<byte>[] encapsulated = new ReadOnlyMemory<byte>[recipients.Length];
        IEnumerable<int> all = Enumerable.Range(0, recipients.Length);
        foreach (IGrouping<SakkePublicKey, int> domain in all.GroupBy(i => recipients[i].Domain))
        {
            int[] indices = [.. domain];
            ReadOnlyMemory<byte>[] uids = [.. indices.Select(i => recipients[i].Uid)];
            Array.ForEach(uids, uid => KeyMessageCreator.RequireUid(uid.Span));
            const int Size = MikeySakke.EncapsulatedSizeInBytes;
            byte[] octets = new byte[indices.Length * Size];
            domain.Key.EncapsulateSecretToAll(uids, key.Secret, octets, maxDegreeOfParallelism);
            for (int i = 0; i < indices.Length; i++)
            {
                encapsulated[indices[i]] = octets.AsMemory(i * Size, Size);
            }
        }

        return encapsulated;
    }
}

using Watchword.KeyManagement.Wrapping;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The answer to KMS KeyProvision (D.2.4, D.3 of TS 33.180): key sets, one for each identity and period. Owns its key sets.
/// </summary>
public sealed class KmsKeyProv : KmsMessage
{
    private static readonly ElementSet Content = new("KmsKeySet*", "NewTransportKey*", "NewIntegrityKey*", "w:PickUp*");

    /// <summary>Makes the message and takes over the key sets.</summary>
    public KmsKeyProv(IReadOnlyList<KmsKeySet> keySets) => KeySets = keySets;

    /// <summary>The key sets in the order of the document; may be empty.</summary>
    public IReadOnlyList<KmsKeySet> KeySets { get; }

    /// <summary>When to fetch the key sets of the next period (extension element <c>w:PickUp</c>).</summary>
    public IReadOnlyList<KeyPickUp> PickUps { get; init; } = [];

    /// <summary>New transport keys for the client, wrapped under one that it holds (<c>NewTransportKey</c>).</summary>
    public IReadOnlyList<WrappedKey> NewTransportKeys { get; init; } = [];

    /// <summary>New integrity keys for the client, wrapped under a transport key that it holds (<c>NewIntegrityKey</c>).</summary>
    public IReadOnlyList<WrappedKey> NewIntegrityKeys { get; init; } = [];

    /// <inheritdoc/>
    public override bool HasNewKeys => NewTransportKeys.Count + NewIntegrityKeys.Count > 0;

    internal static KmsKeyProv ReadContent(AnnexDReader reader)
    {
        reader.CheckVersion();
        List<KmsKeySet> keySets = [];
        NewKeyList newKeys = new();
        List<KeyPickUp> pickUps = [];
        try
        {
            ElementCursor child = new(reader, Content);
            while (child.MoveNext())
            {
                switch (child.Current)
                {
                    case "KmsKeySet": keySets.Add(KmsKeySet.Read(reader)); break;
                    case "w:PickUp": pickUps.Add(KeyPickUp.Read(reader)); break;
                    default: newKeys.TryRead(reader, child.Current); break;
                }
            }

            return new KmsKeyProv(keySets)
            {
                PickUps = pickUps,
                NewTransportKeys = newKeys.TransportKeys,
                NewIntegrityKeys = newKeys.IntegrityKeys,
            };
        }
        catch
        {
            keySets.ForEach(keySet => keySet.Dispose());
            throw;
        }
    }

    internal override void Write(AnnexDWriter writer)
    {
        writer.Start("KmsKeyProv", AnnexDNames.ResponseVersion);
        if (HasNewKeys)
        {
            writer.Type("KmsKeyProvTkIkType");
        }

        foreach (KmsKeySet keySet in KeySets)
        {
            keySet.Write(writer);
        }

        foreach (KeyPickUp pickUp in PickUps)
        {
            pickUp.Write(writer);
        }

        NewKeyList.Write(writer, NewTransportKeys, NewIntegrityKeys);

        writer.End();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (KmsKeySet keySet in KeySets)
        {
            keySet.Dispose();
        }

        base.Dispose(disposing);
    }
}

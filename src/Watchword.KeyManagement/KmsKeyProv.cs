using Watchword.KeyManagement.Wrapping;
using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The answer to KMS KeyProvision (D.2.4, D.3 of TS 33.180): key sets, one for each identity and period. Owns its key sets.
/// </summary>
public sealed class KmsKeyProv : KmsMessage
{
    private static readonly ElementSet Content = new("KmsKeySet*", "NewTransportKey*", "NewIntegrityKey*");

    /// <summary>Makes the message and takes over the key sets.</summary>
    public KmsKeyProv(IReadOnlyList<KmsKeySet> keySets) => KeySets = keySets;

    /// <summary>The key sets in the order of the document; may be empty.</summary>
    public IReadOnlyList<KmsKeySet> KeySets { get; }

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
        try
        {
            ElementCursor child = new(reader, Content);
            while (child.MoveNext())
            {
                if (child.Current == "KmsKeySet")
                {
                    keySets.Add(KmsKeySet.Read(reader));
                }
                else
                {
                    newKeys.TryRead(reader, child.Current);
                }
            }

            return new KmsKeyProv(keySets)
            {
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

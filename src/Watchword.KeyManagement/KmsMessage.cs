using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The <c>KmsMessage</c> of a response (TS 33.180 D.3.1): exactly one of <see cref="KmsInit"/> and <see cref="KmsKeyProv"/>.
/// </summary>
public abstract class KmsMessage : IDisposable
{
    private static readonly ElementSet Children = new("KmsInit", "KmsKeyProv", "KmsCertCache", "KmsLookup");

    private protected KmsMessage()
    {
    }

    /// <summary>
    /// True if the message delivers new transport or integrity keys, which are not supported and were passed over.
    /// </summary>
    public bool HasNewKeys { get; private protected init; }

    /// <summary>Zeroes what is secret in the message.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    internal static KmsMessage Read(AnnexDReader reader)
    {
        KmsMessage? message = null;
        try
        {
            ElementCursor child = new(reader, Children);
            while (child.MoveNext())
            {
                if (message is not null)
                {
                    throw reader.Fail(KeyManagementFormatFault.DuplicateElement);
                }

                message = child.Current switch
                {
                    "KmsInit" => KmsInit.ReadContent(reader),
                    "KmsKeyProv" => KmsKeyProv.ReadContent(reader),
                    _ => throw reader.Fail(KeyManagementFormatFault.UnsupportedMessage),
                };
            }

            return message ?? throw reader.Fail("*", KeyManagementFormatFault.MissingElement);
        }
        catch
        {
            message?.Dispose();
            throw;
        }
    }

    internal abstract void Write(AnnexDWriter writer);

    /// <summary>Zeroes what is secret in the message.</summary>
    /// <param name="disposing">Always true: there is no finalizer.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>The answer to KMS Initialize (D.2.3, D.3 of TS 33.180): the Root certificate of the client's own KMS.</summary>
public sealed class KmsInit : KmsMessage
{
    private static readonly ElementSet Content =
        new("KmsCertificate", "SignedKmsCertificate", "NewTransportKey*", "NewIntegrityKey*");

    /// <summary>Makes the message.</summary>
    public KmsInit(KmsCertificate certificate) => Certificate = certificate;

    /// <summary>The certificate.</summary>
    public KmsCertificate Certificate { get; }

    internal static KmsInit ReadContent(AnnexDReader reader)
    {
        reader.CheckVersion();
        KmsCertificate? certificate = null;
        bool newKeys = false;
        ElementCursor child = new(reader, Content);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "KmsCertificate":
                    certificate = KmsCertificate.Read(reader);
                    break;
                case "SignedKmsCertificate":
                    throw reader.Fail(KeyManagementFormatFault.UnsupportedMessage);
                default:
                    reader.SkipElement();
                    newKeys = true;
                    break;
            }
        }

        child.Require("KmsCertificate");
        return new KmsInit(certificate!) { HasNewKeys = newKeys };
    }

    internal override void Write(AnnexDWriter writer)
    {
        writer.Start("KmsInit", AnnexDNames.ResponseVersion);
        Certificate.Write(writer);
        writer.End();
    }
}

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

    internal static KmsKeyProv ReadContent(AnnexDReader reader)
    {
        reader.CheckVersion();
        List<KmsKeySet> keySets = [];
        bool newKeys = false;
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
                    reader.SkipElement();
                    newKeys = true;
                }
            }

            return new KmsKeyProv(keySets) { HasNewKeys = newKeys };
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
        foreach (KmsKeySet keySet in KeySets)
        {
            keySet.Write(writer);
        }

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

using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>
/// The <c>KmsMessage</c> of a response (TS 33.180 D.3.1): exactly one of <see cref="KmsInit"/>,
/// <see cref="KmsKeyProv"/>, <see cref="KmsCertCache"/> and <see cref="KmsLookup"/>.
/// </summary>
public abstract class KmsMessage : IDisposable
{
    private static readonly ElementSet Children = new("KmsInit", "KmsKeyProv", "KmsCertCache", "KmsLookup");

    private protected KmsMessage()
    {
    }

    /// <summary>True if the message delivers new transport or integrity keys.</summary>
    public virtual bool HasNewKeys => false;

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
                    "KmsCertCache" => KmsCertCache.ReadContent(reader),
                    _ => KmsLookup.ReadContent(reader),
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

using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

public sealed partial class KmsCertificate
{
    private const string Root = "KmsCertificate";

    /// <summary>Reads a KMS certificate that stands alone, as partners hand it to each other.</summary>
    /// <param name="document">The whole document; nothing may follow it.</param>
    /// <param name="options">Limits and leniency; <see cref="AnnexDReadOptions.Request"/> if null.</param>
    /// <exception cref="KeyManagementFormatException">It is not a KMS certificate, or passes a limit.</exception>
    public static KmsCertificate Parse(ReadOnlyMemory<byte> document, AnnexDReadOptions? options = null)
    {
        using AnnexDReader reader = new(document, options ?? AnnexDReadOptions.Request);
        reader.ReadRoot(Root);
        KmsCertificate certificate = Read(reader);
        reader.ReadEnd();
        return certificate;
    }

    /// <summary>Writes the KMS certificate as a document of its own.</summary>
    /// <exception cref="ArgumentException">A string holds a character that XML cannot carry.</exception>
    public void WriteTo(Stream destination, AnnexDOptions? options)
    {
        using AnnexDWriter writer = new(destination, options ?? AnnexDOptions.Default);
        Write(writer);
    }

    /// <inheritdoc cref="WriteTo(Stream, AnnexDOptions?)"/>
    public void WriteTo(Stream destination) => WriteTo(destination, AnnexDOptions.Default);
}

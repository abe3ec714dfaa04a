using Watchword.KeyManagement.Xml;

namespace Watchword.KeyManagement;

/// <summary>What a KMS is to a client (TS 33.180 5.3.1).</summary>
public enum KmsRelation
{
    /// <summary>Not told.</summary>
    Unknown = 0,

    /// <summary>The KMS of the client's own domain, which keys it.</summary>
    Home = 1,

    /// <summary>The KMS of a domain in which the client may be a member for a time; it keys the client there.</summary>
    Migration = 2,

    /// <summary>The KMS of another domain, of which the client holds the certificate only.</summary>
    External = 3,
}

/// <summary>A KMS that another one tells of.</summary>
/// <param name="KmsUri">Its identifier, octet by octet.</param>
/// <param name="Relation">What it is to the client.</param>
/// <param name="Address">The URL of its HTTP interface, without the root path of D.2.1; null if not told.</param>
public sealed record KmsReference(string KmsUri, KmsRelation Relation, string? Address = null)
{
    private static readonly ElementSet Children = ElementSet.Of(AnnexDNames.Extension, "KmsUri", "Relation", "Address");

    internal static KmsReference Read(AnnexDReader reader, KmsRelation relation = KmsRelation.Unknown)
    {
        string? kmsUri = null, address = null;
        ElementCursor child = new(reader, Children);
        while (child.MoveNext())
        {
            switch (child.Current)
            {
                case "KmsUri": kmsUri = reader.ReadUri(); break;
                case "Address": address = reader.ReadUri(); break;
                case "Relation":
                    relation = reader.ReadString().Trim() switch
                    {
                        "Home" => KmsRelation.Home,
                        "Migration" => KmsRelation.Migration,
                        "External" => KmsRelation.External,
                        _ => KmsRelation.Unknown,
                    };
                    break;
            }
        }

        child.Require("KmsUri");
        return new KmsReference(kmsUri!, relation, address);
    }

    /// <summary>Writes it as an extension element; the relation only where the name of the element does not say it.</summary>
    internal void Write(AnnexDWriter writer, string name, bool withRelation)
    {
        writer.StartForeign("w", name);
        writer.ForeignText("w", "KmsUri", KmsUri);
        if (withRelation && Relation != KmsRelation.Unknown)
        {
            writer.ForeignText("w", "Relation", Relation.ToString());
        }

        if (Address is not null)
        {
            writer.ForeignText("w", "Address", Address);
        }

        writer.End();
    }
}

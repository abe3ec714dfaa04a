namespace Watchword.McServices.Xml;

/// <summary>
/// Elements of this project in documents of 3GPP, where these are open for other namespaces. Whoever does not know them passes
/// over them.
/// </summary>
internal static class Extensions
{
    public const string Namespace = "urn:watchword:mc-services:1";

    /// <summary>In a group of a user profile: the identifier of the partner's IdM server.</summary>
    public const string PartnerAudience = "PartnerAudience";

    /// <summary>In a group: who may change it besides its owner.</summary>
    public const string Administrators = "Administrators";
}

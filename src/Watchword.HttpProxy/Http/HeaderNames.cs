using Watchword.Identity;

namespace Watchword.HttpProxy.Http;

/// <summary>
/// Names of headers as a server behind the proxy may understand them: gateways of the CGI kind turn everything but letters and
/// digits into underscores, so that <c>X_3GPP-Asserted.Identity</c> would arrive as the header that it imitates.
/// </summary>
internal static class HeaderNames
{
    private static readonly string Asserted = Fold(AssertedIdentityHeader.Name);
    private static readonly string[] FromOutside =
        ["forwarded", "xrealip", "xoriginalhost", "xoriginalfor", "xoriginalproto", "xoriginalurl", "xrewriteurl", "clientcert",
         "clientcertchain"];

    /// <summary>Letters and digits in lower case: what is left of a name whatever a server folds.</summary>
    public static string Fold(string name) => string.Create(
        name.Count(char.IsAsciiLetterOrDigit), name, static (folded, name) =>
        {
            int length = 0;
            foreach (char c in name.Where(char.IsAsciiLetterOrDigit))
            {
                folded[length++] = char.ToLowerInvariant(c);
            }
        });

    /// <summary>True for the name of the header of asserted identities and whatever may be taken for it.</summary>
    public static bool IsAssertedIdentity(string name) => Fold(name) == Asserted;

    /// <summary>True for headers by which a proxy tells a server of the client: from outside they are forged.</summary>
    public static bool IsOfProxies(string name) =>
        Fold(name) is var folded
        && (folded.StartsWith("xforwarded", StringComparison.Ordinal) || FromOutside.Contains(folded));
}

using Watchword.KeyManagement;
using Watchword.Kms.Server.Http;

namespace Watchword.Kms.Server.Observability;

/// <summary>The template of a request of Annex D: what its endpoint, a catch-all for octets as they came, does not
/// tell.</summary>
internal static class RouteTemplates
{
    /// <summary>The template; null where the endpoint's own is right. Nothing of it is the client's.</summary>
    public static string? Of(HttpContext context) =>
        !AnnexDPaths.TryParse(KmsAnswers.PathOf(context), out AnnexDTarget? target) || target.Operation != AnnexDOperation.KeyProv
            ? null
            : AnnexDPaths.Root + target switch
            {
                { Argument: null } => "/keyprov",
                { Time: null } => "/keyprov/{uri}",
                _ => "/keyprov/{uri}/{time}",
            };
}

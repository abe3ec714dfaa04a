using Watchword.ResourceServers.Configuration;
using Watchword.ResourceServers.Http;

namespace Watchword.ResourceServers.Xcap;

/// <summary>What network entities may do with documents (TS 24.484 6.2.4.1): MC servers read, administrators write.</summary>
internal static class EntityAccess
{
    /// <summary>Decides about the entity of this URI.</summary>
    public static ServicesError Judge(XcapServiceSettings settings, string uri, XcapOperation operation)
    {
        if (settings.Administrators.Contains(uri))
        {
            return ServicesError.None;
        }

        return !settings.AuthorisedServers.Contains(uri) ? ServicesError.EntityNotAuthorised
            : operation == XcapOperation.Read ? ServicesError.None
            : ServicesError.WriteNotAllowed;
    }
}

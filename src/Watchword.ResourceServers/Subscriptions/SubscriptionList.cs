using Watchword.Authorization;
using Watchword.McServices;
using Watchword.McServices.Configuration;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Mcx;
using Watchword.ResourceServers.Storage;
using Watchword.ResourceServers.Xcap;
using Watchword.Sip;

namespace Watchword.ResourceServers.Subscriptions;

/// <summary>A document that somebody subscribes to.</summary>
/// <param name="Selector">As he wrote it.</param>
/// <param name="Target">What it means.</param>
internal sealed record WantedDocument(string Selector, XcapTarget Target);

/// <summary>The bodies of a SUBSCRIBE to documents (TS 24.484 6.3.13, TS 24.481 6.3.13): who asks, and for what.</summary>
/// <param name="Info">The MC info body with the token; null if there is none.</param>
/// <param name="List">The documents; null if there is no list.</param>
internal sealed record SubscriptionList(McInfo? Info, ResourceLists? List)
{
    /// <summary>Most documents of one subscription.</summary>
    public const int MaximumDocuments = 64;

    /// <summary>Reads the bodies; null if one of them is not what its type says, or stands there twice.</summary>
    public static SubscriptionList? Read(SipRequest request)
    {
        if (!SipBody.TryRead(request, out IReadOnlyList<SipBodyPart> parts))
        {
            return null;
        }

        McInfo? info = null;
        ResourceLists? list = null;
        try
        {
            foreach (SipBodyPart part in parts)
            {
                string type = part.ContentType.Essence;
                if (McServiceNames.OfInfoMediaType(type) is { } names)
                {
                    info = info is null ? McInfo.Parse(part.Content, names) : throw new FormatException();
                }
                else if (string.Equals(type, ResourceLists.MediaType, StringComparison.OrdinalIgnoreCase))
                {
                    list = list is null ? ResourceLists.Parse(part.Content) : throw new FormatException();
                }
            }
        }
        catch (Exception fault) when (fault is McServicesFormatException or FormatException)
        {
            return null;
        }

        return list is { HasReferences: true } or { Entries.Count: > MaximumDocuments or 0 } ? null
            : new SubscriptionList(info, list);
    }

    /// <summary>
    /// The documents of the list; null if one of them is none of this root, or a node: what is watched is whole documents.
    /// </summary>
    public IReadOnlyList<WantedDocument>? Resolve(XcapRealm realm)
    {
        List<WantedDocument> documents = [];
        foreach (string selector in List!.Entries.Select(entry => entry.Uri).Distinct(StringComparer.Ordinal))
        {
            if (!XcapUri.TryParse(BelowRoot(realm, selector), string.Empty, out XcapUri? uri) || uri.Node is not null
                || realm.Find(uri.Document.Auid) is not ApplicationUsage usage)
            {
                return null;
            }

            documents.Add(new WantedDocument(selector, new XcapTarget(usage, uri.Document)));
        }

        return documents;
    }

    /// <summary>A document of a subscription that is kept.</summary>
    public static WantedDocument Resolve(XcapRealm realm, SubscriptionResourceRow resource)
    {
        string[] path = resource.Name.Split('/');
        return new WantedDocument(resource.Selector, new XcapTarget(
            realm.Find(resource.Auid) ?? throw new InvalidOperationException("The usage of a subscription is not served."),
            resource.Xui.Length == 0
                ? DocumentSelector.OfGlobal(resource.Auid, path)
                : DocumentSelector.OfUser(resource.Auid, resource.Xui, path)));
    }

    /// <summary>Whose token and which services it is for.</summary>
    public static string? OwnerOf(AccessTokenPrincipal token, McServiceNames names) =>
        token.GetMcServiceId(ServiceKinds.ToIdentity(names.Kind));

    /// <summary>
    /// The part of a selector below the XCAP root, which it is relative to or begins with (RFC 5875 §4.1, RFC 4826 §3.2).
    /// </summary>
    private static string BelowRoot(XcapRealm realm, string selector)
    {
        if (!selector.StartsWith("https:", StringComparison.OrdinalIgnoreCase))
        {
            return selector.TrimStart('/');
        }

        Uri root = realm.Settings.XcapRoot;
        string path = realm.Settings.Path + "/";
        int slash = selector.IndexOf('/', "https://".Length);
        bool isOurs = slash > 0 && Uri.TryCreate(selector[..slash], UriKind.Absolute, out Uri? authority)
            && string.Equals(authority.IdnHost, root.IdnHost, StringComparison.OrdinalIgnoreCase)
            && (root.Port == 0 || root.Port == authority.Port)
            && selector[slash..].StartsWith(path, StringComparison.Ordinal);
        return isOurs ? selector[(slash + path.Length)..] : string.Empty;
    }
}

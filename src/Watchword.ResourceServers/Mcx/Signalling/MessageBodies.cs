using System.Diagnostics.CodeAnalysis;
using Watchword.McServices.Info;
using Watchword.ResourceServers.Mcx.Authorization;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Signalling;

/// <summary>Reads from SIP messages what service authorisation needs of them.</summary>
internal static class MessageBodies
{
    private const string InstanceParameter = "+sip.instance";
    private const string IcsiParameter = "+g.3gpp.icsi-ref";
    private const int MaxInstanceLength = 256;

    /// <summary>The bodies of a message; false if they are not what their types say.</summary>
    public static bool TryRead(SipMessage message, [NotNullWhen(true)] out IReadOnlyList<ServiceBody>? bodies)
    {
        bodies = SipBody.TryRead(message, out IReadOnlyList<SipBodyPart> parts)
            ? [.. parts.Select(part => new ServiceBody(part.ContentType.Essence, part.ContentId, part.Content))]
            : null;
        return bodies is not null;
    }

    /// <summary>
    /// The client's own REGISTER in a third-party one (TS 24.229 5.4.1.7A); null if none is in it.
    /// </summary>
    /// <returns>False if a part is no REGISTER, or has bodies that are not what their types say.</returns>
    public static bool TryReadClient(IReadOnlyList<ServiceBody> bodies, out ClientRegistration? client)
    {
        client = null;
        ServiceBody[] embedded = [.. bodies.Where(body => body.MediaType == ServiceBody.SipMediaType)];
        SipRequest[] requests = [.. embedded
            .Select(body => SipRequest.TryParse(body.Content.Span, out SipRequest? request) ? request : null)
            .OfType<SipRequest>().Where(request => request.Method == SipMethods.Register)];
        if (embedded.Length == 0)
        {
            return true;
        }

        // A core may put its answer in beside the request: one REGISTER is what counts. Line ends behind one without a body are
        // none.
        IReadOnlyList<ServiceBody>? inner = [];
        if (requests.Length != 1 || (requests[0].Headers.ContentType is not null && !TryRead(requests[0], out inner)))
        {
            return false;
        }

        IReadOnlyList<SipAddress> contacts = requests[0].Headers.Contact;
        string instance = contacts.Select(contact => contact.Parameters[InstanceParameter]).FirstOrDefault(i => i is not null)
            ?? string.Empty;
        client = new ClientRegistration(
            [.. contacts.SelectMany(ServicesOf).Distinct()], instance.Length <= MaxInstanceLength ? instance : string.Empty,
                inner);
        return true;
    }

    /// <summary>
    /// The service that a request is for: that of its info body, else that which its headers name. Null if nothing says.
    /// </summary>
    public static McServiceNames? ServiceOf(SipRequest request, IReadOnlyList<ServiceBody> bodies)
    {
        McServiceNames[] told = [.. bodies.Select(
            body => McServiceNames.OfInfoMediaType(body.MediaType)).OfType<McServiceNames>().Distinct()];
        if (told.Length > 0)
        {
            return told.Length == 1 ? told[0] : null;
        }

        return request.Headers.AssertedService.Concat(request.Headers.PreferredService)
            .Select(McServiceNames.OfIcsi).FirstOrDefault(names => names is not null)
            ?? request.Headers.AcceptContact.SelectMany(value => value.Parameters)
                .Select(parameter => McServiceNames.OfFeatureTag(parameter.Name)).FirstOrDefault(names => names is not null);
    }

    private static IEnumerable<McServiceKind> ServicesOf(SipAddress contact) =>
        contact.Parameters.Select(parameter => McServiceNames.OfFeatureTag(parameter.Name))
            .Concat((contact.Parameters[IcsiParameter] ?? string.Empty).Split(',')
                .Select(icsi => McServiceNames.OfIcsi(Uri.UnescapeDataString(icsi.Trim()))))
            .OfType<McServiceNames>().Select(names => names.Kind);
}

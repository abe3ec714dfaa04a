using Watchword.Identity;
using Watchword.McServices.Info;
using Watchword.McServices.Notifications;
using Watchword.Sip;

namespace Watchword.SystemTests.AuthorisationMatrix;

/// <summary>SUBSCRIBE to documents with the token in an info body (TS 24.484 6.3.13, TS 24.481 6.3.13).</summary>
/// <param name="Documents">The request over HTTP whose documents are subscribed to.</param>
internal sealed record DocumentSubscribeRow(XcapRow Documents)
    : SipRow(Documents.Table, "SUBSCRIBE", Documents.Resource, Documents.Service)
{
    /// <inheritdoc/>
    public override bool Changes => true;

    /// <inheritdoc/>
    public override string? Expected(Credential kind) => kind switch
    {
        Credential.Right or Credential.WithinLeeway => "200",
        Credential.RightAssertion or Credential.AssertedByUe or Credential.AssertedByOtherPeer
            or Credential.AssertedWithoutCertificate => null,
        // One answer for all: it tells nothing of documents (docs/choices.md).
        _ => ScopesOf(kind) == Resource ? null : "403",
    };

    /// <inheritdoc/>
    public override Task PrepareAsync(MatrixLab lab, CancellationToken cancellation) => Documents.PrepareAsync(lab, cancellation);

    /// <inheritdoc/>
    protected override SipRequest Request(MatrixLab lab, Credential kind)
    {
        string server = Resource == McResource.ConfigurationManagement ? MatrixLab.CmsUri : MatrixLab.GmsUri;
        SipRequest request = ByCore(SipMethods.Subscribe, server, XcapDiff.EventPackage, Impu);
        request.Headers.Add(SipHeaderNames.Accept, XcapDiff.MediaType);
        request.Headers.Add(SipHeaderNames.Contact, $"<{Impu}>");
        List<SipBodyPart> parts = [];
        if (lab.Forge.Make(kind, Resource, Service) is { } token)
        {
            parts.Add(Part(new McInfo(Names) { AccessToken = McInfoValue.FromText(token) }));
        }

        parts.Add(SipBodyPart.Create(ResourceLists.MediaType, ResourceLists.Of(Documents.UrlOf(lab, kind)).Write()));
        SipBody.Write(request, parts);
        return request;
    }
}

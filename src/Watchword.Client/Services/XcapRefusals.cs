using Watchword.McServices;
using Watchword.McServices.Xcap;

namespace Watchword.Client;

/// <summary>Refusals of configuration and group management servers as faults (RFC 4825 §8, §11; RFC 6750 §3.1).</summary>
internal static class XcapRefusals
{
    /// <summary>The fault of an answer that is none of success.</summary>
    public static WatchwordClientException Of(HttpResponseMessage response, ReadOnlyMemory<byte> content, TimeProvider time)
    {
        int status = (int)response.StatusCode;
        XcapError? error = status == 409 && response.Content.Headers.ContentType?.MediaType == XcapError.MediaType ? Read(content) : null;
        ClientFault fault = status switch
        {
            401 => ClientFault.ServiceUnauthorized,
            403 => ClientFault.ServiceForbidden,
            404 => ClientFault.ServiceDocumentNotFound,
            409 when error is not null => Of(error.Kind),
            409 => ClientFault.ServiceConflict,
            412 => ClientFault.ServiceDocumentChanged,
            415 => ClientFault.ServiceMediaTypeRefused,
            429 or 503 => ClientFault.ServiceBusy,
            >= 500 => ClientFault.ServiceFailed,
            _ when HttpFaults.IsRedirect(response) => ClientFault.RedirectRefused,
            _ => ClientFault.ServiceRequestRefused,
        };
        return new WatchwordClientException(fault, $"status {status}", HttpFaults.CorrelationId(response))
        {
            HttpStatus = status,
            XcapError = error,
            RetryAfter = BackOff.Asked(response.Headers.RetryAfter, time),
        };
    }

    private static XcapError? Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            return XcapError.Parse(content);
        }
        catch (McServicesFormatException)
        {
            // The status says that there is a conflict; a body that cannot be read adds nothing.
            return null;
        }
    }

    private static ClientFault Of(XcapErrorKind kind) => kind switch
    {
        XcapErrorKind.NotWellFormed => ClientFault.XcapNotWellFormed,
        XcapErrorKind.NotXmlFragment => ClientFault.XcapNotXmlFragment,
        XcapErrorKind.NoParent => ClientFault.XcapNoParent,
        XcapErrorKind.SchemaValidationError => ClientFault.XcapSchemaValidationError,
        XcapErrorKind.NotXmlAttributeValue => ClientFault.XcapNotXmlAttributeValue,
        XcapErrorKind.CannotInsert => ClientFault.XcapCannotInsert,
        XcapErrorKind.CannotDelete => ClientFault.XcapCannotDelete,
        XcapErrorKind.UniquenessFailure => ClientFault.XcapUniquenessFailure,
        XcapErrorKind.ConstraintFailure => ClientFault.XcapConstraintFailure,
        XcapErrorKind.NotUtf8 => ClientFault.XcapNotUtf8,
        _ => ClientFault.XcapExtension,
    };
}

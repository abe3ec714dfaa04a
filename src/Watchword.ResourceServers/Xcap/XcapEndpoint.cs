using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Watchword.McServices.Configuration;
using Watchword.McServices.Xcap;
using Watchword.ResourceServers.Http;
using Watchword.ResourceServers.Observability;

namespace Watchword.ResourceServers.Xcap;

/// <summary>XCAP over HTTP (RFC 4825 §7, §8; TS 24.484 6.3, TS 24.481 6.3) for one root.</summary>
internal sealed class XcapEndpoint(
    XcapRealm realm, SenderReader senders, XcapOperations operations, ServicesProblems problems, ServicesMetrics metrics,
    ILogger<XcapEndpoint> log)
{
    private const string ReadMethods = "GET, HEAD";
    private const string AllMethods = "GET, HEAD, PUT, DELETE";
    private const string RetrySeconds = "60";

    /// <summary>Answers a request below the root.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        XcapUri? uri = Parse(context, out bool isBelow);
        string method = context.Request.Method;
        // The one POST that there is reads (TS 24.481 6.3.16).
        XcapOperation operation = HttpMethods.IsPut(method) ? XcapOperation.Write
            : HttpMethods.IsDelete(method) ? XcapOperation.Delete
            : XcapOperation.Read;
        ApplicationUsage? usage = uri is null ? null : realm.Find(uri.Document.Auid);
        XcapTarget? target = usage is null ? null : new XcapTarget(usage, uri!.Document, uri.Node);
        Sender? sender = null;
        if (target is null || !realm.IsOpen(operation, target))
        {
            sender = await senders.ReadAsync(context, realm.Settings);
            if (sender is null)
            {
                return;
            }
        }
        else if (!realm.TryAdmit(target))
        {
            context.Response.Headers.RetryAfter = RetrySeconds;
            throw new ServicesException(ServicesError.TooManyRequests);
        }

        if (uri is null)
        {
            throw new ServicesException(isBelow ? ServicesError.SelectorMalformed : ServicesError.UnknownResource);
        }

        if (target is null)
        {
            await AnswerCapabilitiesAsync(context, uri);
            return;
        }

        XcapAct act = new(sender, operation, target, context.Request.Host.Host);
        if (!IsOffered(context, target))
        {
            throw new ServicesException(ServicesError.MethodNotAllowed);
        }

        ServicesError error = realm.Judge(act);
        if (error != ServicesError.None)
        {
            await RefuseAsync(context, act, error);
            return;
        }

        if (HttpMethods.IsPost(method))
        {
            if (!await realm.TryPostAsync(context, sender!, target))
            {
                context.Response.Headers.Allow = AllMethods;
                throw new ServicesException(ServicesError.MethodNotAllowed);
            }

            return;
        }

        XcapConditions conditions = XcapConditions.Read(context.Request.Headers);
        XcapAnswer answer = operation == XcapOperation.Read
            ? await operations.ReadAsync(realm, act, conditions, context.RequestAborted)
            : await operations.ChangeAsync(
                realm, act, operation == XcapOperation.Write ? await ReadBodyAsync(context, target) : default, conditions,
                steps => AncestorUri(context, target, steps), context.RequestAborted);
        await WriteAsync(context, act, answer);
    }

    /// <summary>What the request selects; null if that cannot be read.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isBelow">False for a path that is not below the root.</param>
    private XcapUri? Parse(HttpContext context, out bool isBelow)
    {
        // As it came in: the path of ASP.NET Core has some escapes undone and some not.
        string target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string path = query < 0 ? target : target[..query];
        string root = realm.Settings.Path + "/";
        isBelow = path.StartsWith(root, StringComparison.Ordinal) && path.Length > root.Length;
        string bindings = query < 0 ? string.Empty : target[(query + 1)..];
        return isBelow && XcapUri.TryParse(path[root.Length..], bindings, out XcapUri? uri) ? uri : null;
    }

    private async Task AnswerCapabilitiesAsync(HttpContext context, XcapUri uri)
    {
        if (!XcapCapabilities.IsMeant(uri.Document) || uri.Node is not null)
        {
            throw new ServicesException(ServicesError.UnknownUsage);
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = ReadMethods;
            throw new ServicesException(ServicesError.MethodNotAllowed);
        }

        (string etag, byte[] content) = XcapCapabilities.Make(realm);
        XcapAnswer answer = XcapConditions.Read(context.Request.Headers).IsUnchanged(etag)
            ? XcapAnswer.NotModified(etag)
            : XcapAnswer.Content(etag, XcapMediaTypes.Capabilities, content);
        await WriteAsync(context, act: null, answer);
    }

    /// <summary>Whether the method is one of XCAP; namespace bindings can only be read (RFC 4825 §7.10).</summary>
    private static bool IsOffered(HttpContext context, XcapTarget target)
    {
        string method = context.Request.Method;
        bool isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);
        bool readsOnly = target.Node?.Terminal == NodeTerminal.Namespaces;
        if (isRead || (!readsOnly && (HttpMethods.IsPut(method) || HttpMethods.IsDelete(method) || HttpMethods.IsPost(method))))
        {
            return true;
        }

        context.Response.Headers.Allow = readsOnly ? ReadMethods : AllMethods;
        return false;
    }

    private async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpContext context, XcapTarget target)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals(XcapMediaTypes.Of(target), StringComparison.OrdinalIgnoreCase)
            || (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
                && !type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ServicesException(ServicesError.UnsupportedMediaType);
        }

        return await BoundedBody.ReadAsync(context.Request, realm.Settings.Limits.MaxOctets, context.RequestAborted);
    }

    private string AncestorUri(HttpContext context, XcapTarget target, int steps)
    {
        Uri root = realm.Settings.XcapRoot;
        string host = root.Port == 0 ? context.Request.Host.Value ?? root.Host : root.Authority;
        string document = $"https://{host}{realm.Settings.Path}/{target.Document}";
        return steps == 0 ? document : $"{document}/~~/{target.Node!.Ancestor(steps)}";
    }

    private async Task RefuseAsync(HttpContext context, XcapAct act, ServicesError error)
    {
        if (error == ServicesError.InsufficientScope)
        {
            ScopeChallenge.Set(context.Response, realm.ScopesFor(act.Target.Usage));
        }

        log.RequestRefused(error, context.TraceIdentifier);
        await problems.WriteAsync(context, error);
    }

    private async Task WriteAsync(HttpContext context, XcapAct? act, XcapAnswer answer)
    {
        if (answer.Conflict is { } conflict)
        {
            await problems.WriteAsync(context, answer.Error, conflict);
            return;
        }

        if (answer.Error != ServicesError.None)
        {
            await RefuseAsync(context, act!, answer.Error);
            return;
        }

        HttpResponse response = context.Response;
        response.StatusCode = answer.Status;
        response.Headers.CacheControl = "private, no-cache";
        if (answer.ETag is { } etag)
        {
            response.Headers.ETag = $"\"{etag}\"";
        }

        if (act is { Operation: not XcapOperation.Read })
        {
            metrics.Changed(act.Operation, act.Target.Usage.Auid);
            log.DocumentChanged(act.Operation, act.Target.Usage.Auid, answer.Status, context.TraceIdentifier);
        }

        if (answer.Status == StatusCodes.Status304NotModified)
        {
            return;
        }

        response.ContentType = answer.MediaType;
        response.ContentLength = answer.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method) && !answer.Body.IsEmpty)
        {
            await response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }
}

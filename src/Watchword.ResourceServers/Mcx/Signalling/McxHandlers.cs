using Watchword.McServices.Info;
using Watchword.McServices.Settings;
using Watchword.ResourceServers.Mcx.Affiliations;
using Watchword.ResourceServers.Mcx.Authorization;
using Watchword.ResourceServers.Mcx.Bodies;
using Watchword.ResourceServers.Mcx.Configuration;
using Watchword.ResourceServers.Mcx.Observability;
using Watchword.ResourceServers.Mcx.Subscriptions;
using Watchword.ResourceServers.Sip;
using Watchword.Sip;

namespace Watchword.ResourceServers.Mcx.Signalling;

/// <summary>The two carriers of service authorisation: third-party REGISTER and PUBLISH (TS 24.379 7.3.2 to 7.3.5).</summary>
internal sealed class McxHandlers(
    ServiceAuthorization authorization, SettingsSubscriptions subscriptions, McxSettings settings, SipSettings sip,
    AffiliationSignal affiliations, McxInstruments instruments, TimeProvider time, ILogger<McxHandlers> log)
{
    private readonly ServiceResponses _responses = new(settings.WarnHost);
    private readonly EventStateRules _rules = new()
    {
        EventPackages = [PocSettings.EventPackage],
        MinExpires = (uint)settings.MinExpires.TotalSeconds,
        MaxExpires = (uint)settings.MaxExpires.TotalSeconds,
        DefaultExpires = (uint)settings.DefaultExpires.TotalSeconds,
    };

    private readonly EventStateRules _subscriptionRules = new()
    {
        EventPackages = [PocSettings.EventPackage],
        MediaTypes = [PocSettings.MediaType],
        MinExpires = (uint)settings.MinExpires.TotalSeconds,
        MaxExpires = (uint)settings.MaxExpires.TotalSeconds,
        DefaultExpires = (uint)settings.DefaultExpires.TotalSeconds,
    };

    /// <summary>What this role serves. Subscriptions only where there is a way to send NOTIFY.</summary>
    public IReadOnlyList<SipRoute> Routes =>
    [
        new SipRoute(SipMethods.Register, null, RegisterAsync),
        new SipRoute(SipMethods.Publish, PocSettings.EventPackage, PublishAsync),
        .. sip.Core is null
            ? (IEnumerable<SipRoute>)[]
            : [new SipRoute(SipMethods.Subscribe, PocSettings.EventPackage, SubscribeAsync)],
    ];

    /// <summary>A third-party REGISTER.</summary>
    public async Task<SipResponse> RegisterAsync(SipServerRequest received, CancellationToken cancellationToken)
    {
        SipRequest request = received.Request;
        if (Impu.Of(request.Headers.To?.Uri) is not { } impu
            || !MessageBodies.TryRead(request, out IReadOnlyList<ServiceBody>? bodies)
            || !MessageBodies.TryReadClient(bodies, out ClientRegistration? client))
        {
            return request.CreateResponse(400);
        }

        ServiceRegistration message = new(
            impu, request.Headers.CallId!, request.Headers.CSeq!.Value.Number, request.Headers.Expires) { Client = client };
        IReadOnlyList<ServiceAnswer> answers = await authorization.RegisterAsync(message, cancellationToken);
        foreach (ServiceAnswer answer in answers)
        {
            Tell(answer, BindingCarrier.Register);
        }

        return _responses.Create(request, answers);
    }

    /// <summary>A PUBLISH of <c>poc-settings</c>.</summary>
    public async Task<SipResponse> PublishAsync(SipServerRequest received, CancellationToken cancellationToken)
    {
        SipRequest request = received.Request;
        if (!Publication.TryRead(request, _rules, out Publication? publication, out SipRefusal? refusal))
        {
            return refusal.CreateResponse(request);
        }

        if (!MessageBodies.TryRead(request, out IReadOnlyList<ServiceBody>? bodies))
        {
            return request.CreateResponse(400);
        }

        if (FindService(request, bodies) is not { } service)
        {
            return request.CreateResponse(404);
        }

        ServiceAnswer answer = Impu.Asserted(request) is { } impu
            ? await authorization.PublishAsync(
                new ServicePublication(service.Names, impu, publication.Expires, publication.IfMatch, bodies), cancellationToken)
            : new ServiceAnswer(ServiceOutcome.NotAuthorized) { Service = service.Names };
        Tell(answer, BindingCarrier.Publish);
        return _responses.Create(request, answer);
    }

    /// <summary>A SUBSCRIBE to <c>poc-settings</c> (7.3.6).</summary>
    public async Task<SipResponse> SubscribeAsync(SipServerRequest received, CancellationToken cancellationToken)
    {
        SipRequest request = received.Request;
        if (!SubscriptionRequest.TryRead(request, _subscriptionRules, out SubscriptionRequest? read, out SipRefusal? refusal))
        {
            return refusal.CreateResponse(request);
        }

        if (read.IsInDialog)
        {
            return await subscriptions.RefreshAsync(read, time.GetUtcNow(), cancellationToken);
        }

        if (!MessageBodies.TryRead(request, out IReadOnlyList<ServiceBody>? bodies))
        {
            return request.CreateResponse(400);
        }

        if (FindService(request, bodies) is not { } service)
        {
            return request.CreateResponse(404);
        }

        (ServiceAnswer answer, string? serviceId) = Impu.Asserted(request) is { } impu
            ? await authorization.FindOwnSettingsAsync(service.Names, impu, bodies, cancellationToken)
            : (new ServiceAnswer(ServiceOutcome.NotAuthorized) { Service = service.Names }, null);
        Tell(answer, BindingCarrier.Subscribe);
        return serviceId is null
            ? _responses.Create(request, answer)
            : await subscriptions.AddAsync(read, service, serviceId, time.GetUtcNow(), cancellationToken);
    }

    /// <summary>The service of a request, which its PSI serves; null if none does.</summary>
    private McxServiceSettings? FindService(SipRequest request, IReadOnlyList<ServiceBody> bodies)
    {
        McServiceNames? told = MessageBodies.ServiceOf(request, bodies);
        McxServiceSettings[] served = [.. settings.Services.Where(
            service => (told is null || service.Names == told)
                && service.Psis.Any(psi => SipUri.Parse(psi).IsEquivalentTo(request.RequestUri)))];
        return served.Length == 1 ? served[0] : null;
    }

    private void Tell(ServiceAnswer answer, BindingCarrier carrier)
    {
        instruments.Count(answer, carrier);
        if (answer.Outcome is ServiceOutcome.Authorized or ServiceOutcome.SettingsTaken)
        {
            affiliations.Set();
        }

        if (answer.IsSuccess)
        {
            log.ServiceDone(answer.Outcome, answer.Service?.Name);
        }
        else
        {
            log.ServiceRefused(answer.Outcome, answer.Service?.Name);
        }
    }
}

using Watchword.KeyManagement;
using Watchword.Kms.Server.Configuration;
using Watchword.Kms.Server.Events;
using Watchword.Kms.Server.Hosting;
using Watchword.Kms.Server.Observability;
using Watchword.Kms.Server.Profiles;

namespace Watchword.Kms.Server.Http;

/// <summary>
/// The requests init and keyprov (TS 33.180 D.2.3, D.2.4). The steps are those of <c>docs/flows/key-provisioning.md</c>, with the
/// same numbers; 4 to 8 are in <see cref="KeyIssuer"/>.
/// </summary>
internal sealed class KeyProvisioning(
    KmsState state, KeyRequestReader reader, ClientProfiles profiles, RequesterStanding standing, KmsAnswers answers,
    PartnerServices partners, TimeProvider time, ILogger<KeyProvisioning> log)
{
    public async Task HandleAsync(HttpContext context)
    {
        // 1. Authenticated and in scope: the endpoint's policy saw to it.
        // 2. The principal becomes the KMS's own requester.
        Requester requester = RequesterMapping.Find(context.User) ?? throw new KmsException(KmsError.InsufficientScope);

        // 3. Domain, path and body.
        ServedDomain domain = await state.RequireAsync(context);
        AnnexDTarget target = KeyRequestReader.ReadTarget(context);
        KmsRequest? body = await reader.ReadBodyAsync(context, domain, target);

        await (target.Operation == AnnexDOperation.Init
            ? InitializeAsync(context, domain, requester, body)
            : ProvisionAsync(context, domain, requester, target, body));
    }

    private async Task InitializeAsync(HttpContext context, ServedDomain domain, Requester requester, KmsRequest? body)
    {
        await domain.Issuer.AdmitAsync(requester, context.TraceIdentifier, context.RequestAborted);
        DomainGeneration generation = domain.Issuer.GetGeneration();
        DomainGeneration? next = domain.Settings.SendExtensions ? domain.Issuer.Next : null;

        // Written down before it is sent: what an answer that is lost leaves behind is put right by the next one.
        await domain.Issuer.RecordDeliveryAsync(
            requester, body?.ClientId, Math.Max(generation.Number, next?.Number ?? 0), context.RequestAborted);
        TransportKeyExchange? exchange = AnswerProtection.Of(context);
        using KmsInit message = new(generation.Certificate)
        {
            NextCertificates = next is null ? [] : [next.Certificate],
            MigrationServices = domain.Settings.SendExtensions ? await MigrationAsync(context, domain) : [],
            NewTransportKeys = exchange?.NewTransportKeys ?? [],
            NewIntegrityKeys = exchange?.NewIntegrityKeys ?? [],
        };
        await answers.WriteAsync(context, requester.Identities[0].Uri, message);
        log.Initialized(context.TraceIdentifier);
    }

    private async Task<IReadOnlyList<KmsReference>> MigrationAsync(HttpContext context, ServedDomain domain)
    {
        IReadOnlyList<PartnerRecord> found = await partners.Certificates.MigrationAsync(domain.KmsUri, context.RequestAborted);
        return [.. found.Select(kms => new KmsReference(kms.KmsUri, KmsRelation.Migration, kms.Address))];
    }

    private static async Task RecordHeldAsync(HttpContext context, ServedDomain domain, Requester requester, KmsRequest? body)
    {
        if (body is { HeldCertificates.Count: > 0 }
            && domain.Issuer.Domain.Generations.NewestHeld(body.HeldCertificates) is > 0 and var held)
        {
            await domain.Issuer.RecordDeliveryAsync(requester, body.ClientId, held, context.RequestAborted);
        }
    }

    private async Task ProvisionAsync(
        HttpContext context, ServedDomain domain, Requester requester, AnnexDTarget target, KmsRequest? body)
    {
        RequestProtection.RequireWrapping(context, domain);
        await RecordHeldAsync(context, domain, requester, body);
        DateTimeOffset? wanted = target.Time is { } timestamp ? NtpTimestamp.ToDateTimeOffset(timestamp, time.GetUtcNow()) : null;
        KeySetOrder order = target.Argument is null ? profiles.Of(context).KeySets : KeySetOrder.McpttFirst;
        Requester keyed = order == KeySetOrder.FirstOnly
            ? new Requester(requester.Issuer, requester.Subject, [requester.Identities[0]])
            : requester;
        IssuanceRequest request = new(keyed, target.Argument, wanted, context.TraceIdentifier)
        {
            Conditions = standing.ConditionsFor(context.User),
            Exchange = AnswerProtection.Of(context),
        };

        // 4, 5. Identities, clock and key period.
        PreparedIssuance prepared = await domain.Issuer.PrepareAsync(request, context.RequestAborted);

        // 6, 7, 8. Audit the intent, issue and check, audit the outcome.
        using IssuedKeySets issued = await domain.Issuer.IssueAsync(prepared, context.RequestAborted);
        log.Issued(issued.KeySets.Count, prepared.PeriodNumber, context.TraceIdentifier);

        // 9. Render, wrapped for a client with transport keys. 10. Wipe: leaving this method zeroes keys and rendered octets.
        TransportKeyExchange? exchange = AnswerProtection.Of(context);
        using KmsKeyProv message = new(AnswerProtection.Wrap(context, InOrder(issued.KeySets, order)))
        {
            NewTransportKeys = exchange?.NewTransportKeys ?? [],
            NewIntegrityKeys = exchange?.NewIntegrityKeys ?? [],
            PickUps = domain.Settings.SendExtensions ? PickUpsOf(domain, issued) : [],
        };
        CountAnswerQuirks(context, domain, exchange, order, requester);
        await answers.WriteAsync(context, issued.KeySets[0].UserUri, message);
    }

    /// <summary>MCPTT stands where the client looks: some take the first set only, some the last (Q6).</summary>
    private static IReadOnlyList<KmsKeySet> InOrder(IReadOnlyList<KmsKeySet> keySets, KeySetOrder order) =>
        order == KeySetOrder.McpttLast ? [.. keySets.Reverse()] : keySets;

    /// <summary>Where the profile made the answer another than the domain would have (Q6, Q8, Q9).</summary>
    private void CountAnswerQuirks(
        HttpContext context, ServedDomain domain, TransportKeyExchange? exchange, KeySetOrder order, Requester requester)
    {
        ClientProfile profile = profiles.Of(context);
        if (order != KeySetOrder.McpttFirst && requester.Identities.Count > 1)
        {
            profiles.Count(context, Quirk.KeySetOrder);
        }

        if (profile.UserIdEncoding is { } encoding && encoding != domain.Settings.Xml.UserIdEncoding)
        {
            profiles.Count(context, Quirk.UserIdEncoding);
        }

        if (exchange is not null && profile.WrapProfile is { } wrapping && exchange.WrapProfile == wrapping
            && wrapping != domain.Issuer.Policy.TransportKeys.WrapProfile)
        {
            profiles.Count(context, Quirk.WrapProfile);
        }
    }

    private static List<KeyPickUp> PickUpsOf(ServedDomain domain, IssuedKeySets issued) =>
    [
        .. issued.KeySets.Select(keySet => (keySet.UserUri, Hint: domain.Issuer.NextPickUp(keySet, issued.Generation)))
            .Where(pickUp => pickUp.Hint is not null)
            .Select(pickUp => new KeyPickUp(pickUp.Hint!.Value.NotBefore, pickUp.Hint.Value.NotAfter, pickUp.UserUri)),
    ];
}

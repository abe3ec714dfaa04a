using System.Text.Json.Serialization;
using Watchword.KeyManagement.Administration;

namespace Watchword.Cli.Administration;

/// <summary>The JSON forms of the admin API of the KMS. What a newer KMS adds is passed over.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(object))]
[JsonSerializable(typeof(KmsProblem))]
[JsonSerializable(typeof(IReadOnlyList<DomainView>))]
[JsonSerializable(typeof(DomainView))]
[JsonSerializable(typeof(GenerationView))]
[JsonSerializable(typeof(PrepareGenerationRequest))]
[JsonSerializable(typeof(ActivateGenerationRequest))]
[JsonSerializable(typeof(ReasonRequest))]
[JsonSerializable(typeof(GenerationActResult))]
[JsonSerializable(typeof(IReadOnlyList<PreparationView>))]
[JsonSerializable(typeof(StartPreparationRequest))]
[JsonSerializable(typeof(PreparationActResult))]
[JsonSerializable(typeof(ListClientsRequest))]
[JsonSerializable(typeof(TransportKeyClientPage))]
[JsonSerializable(typeof(ClientRequest))]
[JsonSerializable(typeof(EnrolClientRequest))]
[JsonSerializable(typeof(RotateClientsRequest))]
[JsonSerializable(typeof(ClientActResult))]
[JsonSerializable(typeof(RotateClientsResult))]
[JsonSerializable(typeof(IReadOnlyList<PartnerView>))]
[JsonSerializable(typeof(ImportPartnerRequest))]
[JsonSerializable(typeof(ApprovePartnerRequest))]
[JsonSerializable(typeof(PartnerActResult))]
[JsonSerializable(typeof(IReadOnlyList<PartnerActView>))]
[JsonSerializable(typeof(AuditStateView))]
[JsonSerializable(typeof(CheckpointView))]
[JsonSerializable(typeof(AuditQuery))]
[JsonSerializable(typeof(AuditQueryResult))]
[JsonSerializable(typeof(CustodyView))]
[JsonSerializable(typeof(RewrapResult))]
[JsonSerializable(typeof(IReadOnlyList<BackupView>))]
internal sealed partial class KmsAdminJson : JsonSerializerContext;

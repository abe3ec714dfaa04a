using Watchword.Benchmarks.Measuring;
using Watchword.Cryptography;

namespace Watchword.Benchmarks.Rows;

/// <summary>All rows, in the order of every output.</summary>
internal static class RowCatalogue
{
    public static IReadOnlyList<Row> Create()
    {
        SakkeMasterKey sakkeMaster = SakkeMasterKey.Generate();
        SakkeKeyRows keys = new(sakkeMaster);
        SakkeMessageRows messages = new(sakkeMaster);
        EccsiMasterKey eccsiMaster = EccsiMasterKey.Generate();
        EccsiRows eccsi = new(eccsiMaster);
        KeyMessageRows keyMessages = new(sakkeMaster, eccsiMaster);
        DerivedKeyRows derived = new();
        return
        [
            keys.Issue,
            keys.IssueBatch,
            keys.Validate,
            messages.EncapsulateNew,
            messages.EncapsulateBatch,
            messages.EncapsulateKnown,
            messages.DecapsulateTabled,
            messages.DecapsulateUntabled,
            keys.Table,
            TargetGroupRows.Power,
            eccsi.Issue,
            eccsi.IssueBatch,
            eccsi.Sign,
            eccsi.VerifyUnknown,
            eccsi.VerifyKnown,
            eccsi.Validate,
            eccsi.ValidateBatch,
            keyMessages.Create,
            keyMessages.CreateAll,
            keyMessages.Open,
            keyMessages.Decode,
            derived.Context,
            derived.Protect,
            derived.Unprotect,
        ];
    }
}

using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Watchword.Kms.EntityFrameworkCore.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PreparedKeys : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Preparation",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    KmsUri = table.Column<string>(type: "TEXT", nullable: false),
                    Generation = table.Column<int>(type: "INTEGER", nullable: false),
                    PeriodNumber = table.Column<long>(type: "INTEGER", nullable: false),
                    Source = table.Column<int>(type: "INTEGER", nullable: false),
                    SourceGeneration = table.Column<int>(type: "INTEGER", nullable: false),
                    SourcePeriod = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    Total = table.Column<long>(type: "INTEGER", nullable: false),
                    Done = table.Column<long>(type: "INTEGER", nullable: false),
                    LeftOut = table.Column<long>(type: "INTEGER", nullable: false),
                    Cursor = table.Column<long>(type: "INTEGER", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    UpdatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    RunSince = table.Column<long>(type: "INTEGER", nullable: false),
                    RunFrom = table.Column<long>(type: "INTEGER", nullable: false),
                    Owner = table.Column<string>(type: "TEXT", nullable: true),
                    LeaseUntil = table.Column<long>(type: "INTEGER", nullable: false),
                    SealerId = table.Column<string>(type: "TEXT", nullable: false),
                    Fault = table.Column<int>(type: "INTEGER", nullable: false),
                    ByIssuer = table.Column<string>(type: "TEXT", nullable: false),
                    BySubject = table.Column<string>(type: "TEXT", nullable: false),
                    ByRole = table.Column<string>(type: "TEXT", nullable: false),
                    CorrelationId = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Preparation", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "PreparationItem",
                columns: table => new
                {
                    Number = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    PreparationId = table.Column<long>(type: "INTEGER", nullable: false),
                    Issuer = table.Column<string>(type: "TEXT", nullable: false),
                    Subject = table.Column<string>(type: "TEXT", nullable: false),
                    UserUri = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PreparationItem", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "PreparedKey",
                columns: table => new
                {
                    PreparationId = table.Column<long>(type: "INTEGER", nullable: false),
                    UserId = table.Column<byte[]>(type: "BLOB", nullable: false),
                    TransportKeyId = table.Column<string>(type: "TEXT", nullable: false),
                    Holder = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Identity = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Sealed = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PreparedKey", x => new { x.PreparationId, x.UserId, x.TransportKeyId });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Preparation_KmsUri_Generation_PeriodNumber",
                table: "Preparation",
                columns: new[] { "KmsUri", "Generation", "PeriodNumber" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_PreparationItem_PreparationId_Number",
                table: "PreparationItem",
                columns: new[] { "PreparationId", "Number" });

            migrationBuilder.CreateIndex(
                name: "IX_PreparedKey_Holder",
                table: "PreparedKey",
                column: "Holder");

            migrationBuilder.CreateIndex(
                name: "IX_PreparedKey_Identity",
                table: "PreparedKey",
                column: "Identity");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Preparation");

            migrationBuilder.DropTable(
                name: "PreparationItem");

            migrationBuilder.DropTable(
                name: "PreparedKey");
        }
    }
}

using PrivacyPass.AspNetCore;
using ProofOfWork;

var builder = WebApplication.CreateBuilder(args);

// Before an issuer that asks nobody: everybody gets tokens here who has worked for them.
builder.Services.AddPrivacyPassAttester(options => options.Issuer = new Uri(builder.Configuration["Issuer"] ?? "http://127.0.0.1:8080"))
    .UseAttester<WorkAttester>();

var app = builder.Build();
app.UseWork();
app.MapPrivacyPassAttester();
app.Run();

"""Why a feeling is expressed: causes, their graph and counterfactuals, findings, and sentences that cite evidence."""

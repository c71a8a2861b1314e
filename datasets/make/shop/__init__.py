"""Tomoshibi Drip Works: coffee gear, beans and a subscription, from April 2023 to March 2025."""

from collections.abc import Sequence

from datasets.make.package import Row
from datasets.make.shop import (
    hand_overs,
    hours,
    market,
    marketing,
    people,
    products,
    sales,
    service,
    staff,
    subscriptions,
    voices,
    work,
)


def tables() -> dict[str, Sequence[Row]]:
    """Every table of the company by name."""
    everyone = people.people()
    campaigns = marketing.campaigns()
    employees = staff.employees()
    transactions, breakages = sales.transactions(everyone, campaigns)
    tickets = service.tickets(everyone, breakages, employees)
    surveys = voices.survey_rows(everyone, tickets, breakages, employees)
    analyses = work.analysis_rows()
    return {
        "customers": people.customer_rows(everyone),
        "contact_records": people.contact_rows(everyone),
        "products": products.product_rows(products.products()),
        "transactions": transactions,
        "subscriptions": subscriptions.subscription_rows(everyone),
        "opening_hours": hours.opening_hours_rows(),
        "closed_days": hours.closed_days_rows(),
        "tickets": [ticket.row for ticket in tickets],
        "hand_overs": hand_overs.hand_over_rows(tickets, surveys),
        "complaints": service.complaint_rows(tickets, breakages),
        "proactive_contacts": service.proactive_rows(everyone, breakages),
        "surveys": surveys,
        "social_posts": voices.social_rows(),
        "campaigns": marketing.campaign_rows(campaigns),
        "spend": marketing.spend_rows(campaigns),
        "leads": marketing.lead_rows(everyone, campaigns),
        "web_events": marketing.web_event_rows(everyone),
        "brand_tracking": market.brand_rows(),
        "market_sales": market.market_rows(),
        "employees": staff.employee_rows(employees),
        "employee_survey": staff.employee_survey_rows(employees),
        "training_records": staff.training_rows(employees),
        "work_log": work.work_log_rows(everyone),
        "analyses": analyses,
        "decisions": work.decision_rows(analyses),
        "projects": work.project_rows(),
    }
